"""Linear functions of each channel's samples, as one matrix."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

LONGEST = 512  # samples: beyond, the filters themselves are faster than a matrix with so many rows


def by_impulses(windows: np.ndarray, reference: partial[np.ndarray], band_by_band: bool) -> np.ndarray:
    """What `reference` gives, computed by its responses to impulses where windows are short enough."""
    count, time, *others = windows.shape
    if len(others) > 1 or time > LONGEST:
        return reference(windows)
    weights = impulse_responses(reference, time)
    steps, bands = weights.shape[1:]
    rows = windows.transpose(0, 2, 1).reshape(-1, time) @ weights.reshape(time, -1)
    outputs = rows.reshape(count, -1, steps, bands)  # (n, channels, steps, bands)
    order = (0, 2, 3, 1) if band_by_band else (0, 2, 1, 3)
    return outputs.transpose(order).reshape(count, steps, -1)


def impulse_responses(reference: partial[np.ndarray], time: int) -> np.ndarray:
    """What each sample of a window adds to the outputs of its channel: `(time, steps, bands)`.

    They are kept for the next piece of the windows, and for the next call of a layer that nothing compiles.
    """
    return _responses(reference.func, tuple(sorted(reference.keywords.items())), time)


@lru_cache(maxsize=16)
def _responses(function: Callable[..., np.ndarray], settings: tuple[tuple[str, Any], ...], time: int) -> np.ndarray:
    return function(np.eye(time, dtype="float32")[:, :, None], **dict(settings))
