"""Signals continued beyond their ends."""

from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import pywt
from keras import ops

Mode = Literal[
    "zero", "constant", "symmetric", "periodic", "smooth", "antisymmetric", "antireflect", "reflect", "periodization"
]
MODES = get_args(Mode)


def extend(signal: Any, before: int, after: int, mode: str) -> Any:
    """Continue a signal beyond its ends, in one of the ways of PyWavelets.

    Each new sample is a weighted sum of samples near the ends, so that all modes are one small matrix.

    Args:
        signal: tensor `(batch, time, channels)` of known time.
        before, after: new samples at either end.
        mode: name that `pywt.pad` knows.

    Returns:
        Tensor `(batch, before + time + after, channels)`.
    """
    if before == after == 0:
        return signal
    if mode == "zero":
        return ops.pad(signal, ((0, 0), (before, after), (0, 0)))
    time = signal.shape[1]
    reach = max(before, after) + 2  # farther from the ends no mode looks
    ends = signal
    if time > 2 * reach:
        ends = ops.concatenate([signal[:, :reach], signal[:, -reach:]], axis=1)
    new = ops.matmul(ops.convert_to_tensor(_weights(ends.shape[1], before, after, mode)), ends)
    return ops.concatenate([new[:, :before], signal, new[:, before:]], axis=1)


@lru_cache(maxsize=64)
def _weights(samples: int, before: int, after: int, mode: str) -> np.ndarray:
    """What each new sample `(before + after, samples)` takes of the known ones."""
    reach = max(before, after)
    columns = [pywt.pad(unit, reach, mode) for unit in np.eye(samples)]  # some modes can't extend by nothing
    extended = np.stack(columns, axis=1)
    start, end = reach, reach + samples
    return np.concatenate([extended[start - before : start], extended[end : end + after]]).astype("float32")
