"""Whether an export gives what its model gives."""

import numpy as np

TOLERANCE = 1e-4  # between logits of up to 10; larger ones have fewer decimals in float32


def largest_difference(outputs: np.ndarray, expected: np.ndarray) -> float:
    """How far an export's outputs are from the model's.

    Raises:
        ValueError: other shapes, or outputs further apart than `TOLERANCE`.
    """
    if outputs.shape != expected.shape:
        raise ValueError(f"Expected logits {expected.shape} of the export. Received: {outputs.shape}.")
    difference = float(np.abs(outputs - expected).max())
    allowed = TOLERANCE * max(1.0, float(np.abs(expected).max()) / 10)
    if not difference <= allowed:  # so that NaN is refused too
        raise ValueError(
            f"Expected an export that gives the model's logits within {allowed:.0e}. Received: {difference:.1e} apart."
        )
    return difference
