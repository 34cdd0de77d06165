"""Several features on arrays, side by side."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

Mode = Literal["channels", "replace", "branch", "vector"]


def stack_features(
    windows: np.ndarray, functions: Sequence[Callable[[np.ndarray], np.ndarray]], mode: str
) -> np.ndarray:
    """Features as one vector, or as channels at one size, after the windows' own channels with mode `"channels"`."""
    maps = [function(windows) for function in functions]
    if mode == "vector":
        return np.concatenate([features.reshape(len(windows), -1) for features in maps], axis=1)
    sizes = common_sizes(windows.shape, [features.shape for features in maps], mode)
    resized = [_resize(features, sizes) for features in maps]
    return np.concatenate([windows, *resized] if mode == "channels" else resized, axis=-1)


def common_sizes(input_shape: Sequence[Any], shapes: Sequence[Sequence[Any]], mode: str) -> tuple[int, ...]:
    """Steps along each axis of features side by side: the input's, or without the input those of the longest."""
    between = len(input_shape) - 2
    if mode == "channels":
        return tuple(input_shape[1:-1])
    sizes = [tuple(shape[1:-1]) or (1,) * between for shape in shapes]  # a vector is one step
    return tuple(max(steps) for steps in zip(*sizes, strict=True))


def nearest(size: int, wanted: int) -> np.ndarray:
    """For each of `wanted` steps the one of `size` steps that it lies in."""
    return np.arange(wanted) * size // wanted


def _resize(features: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    if features.ndim == 2:
        features = features.reshape(len(features), *(1 for _ in sizes), -1)
    for axis, wanted in enumerate(sizes, start=1):
        features = np.take(features, nearest(features.shape[axis], wanted), axis=axis)
    return features
