"""What clients send, as float32."""

from typing import Any

import numpy as np


def float32_array(values: Any, name: str) -> np.ndarray:
    """An array of numbers, or nested lists of them; what float32 can't hold becomes infinity.

    Raises:
        ValueError: lists of unequal lengths, or anything else than numbers: text, true and false are none.

    Example:
        >>> float32_array([[1, 2.5]], "windows").tolist()
        [[1.0, 2.5]]
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"Expected {name} as nested lists of equal lengths. Received: unequal ones.") from None
    if array.dtype.kind not in "fiu":
        what = "something else within lists" if isinstance(values, list) else type(values).__name__
        raise ValueError(f"Expected {name} as nested lists of numbers. Received: {what}.")
    with np.errstate(over="ignore"):
        return array.astype("float32")
