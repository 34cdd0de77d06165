"""Smoothed signals and images on arrays, by SciPy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage


def gaussian_smoothing(windows: np.ndarray, sigma: float, mode: str, truncate: float, order: Any = 0) -> np.ndarray:
    """The windows smoothed along all axes between batch and channels, or the derivative along all or each of them."""
    axes = tuple(range(1, windows.ndim - 1))
    return ndimage.gaussian_filter(windows, sigma, order, mode=mode, truncate=truncate, axes=axes)


def gaussian_derivative(
    windows: np.ndarray, sigma: float, order: int, axis: int, mode: str, truncate: float
) -> np.ndarray:
    """The derivative along one axis of the smoothed windows."""
    orders = [order if other == axis else 0 for other in range(1, windows.ndim - 1)]
    return gaussian_smoothing(windows, sigma, mode, truncate, orders)


def scale_space(windows: np.ndarray, sigmas: Sequence[float], order: int, mode: str, truncate: float) -> np.ndarray:
    """One smoothed copy for each sigma, as channels."""
    return np.concatenate([gaussian_smoothing(windows, sigma, mode, truncate, order) for sigma in sigmas], axis=-1)


def difference_of_gaussians(windows: np.ndarray, sigmas: Sequence[float], mode: str, truncate: float) -> np.ndarray:
    """What each sigma keeps and the next one drops, as channels."""
    channels = windows.shape[-1]
    scales = scale_space(windows, sigmas, 0, mode, truncate)
    return scales[..., :-channels] - scales[..., channels:]


def gaussian_pyramid(windows: np.ndarray, levels: int, sigma: float, mode: str, truncate: float) -> np.ndarray:
    """Of signals the levels along time; of images as channels, by repetition as large as the image."""
    pyramid = [windows]
    for _ in range(levels):
        smooth = gaussian_smoothing(pyramid[-1], sigma, mode, truncate)
        pyramid.append(smooth[:, ::2] if windows.ndim == 3 else smooth[:, ::2, ::2])
    if windows.ndim == 3:
        return np.concatenate(pyramid, axis=1)
    height, width = windows.shape[1:3]
    repeated = [image.repeat(2**level, axis=1).repeat(2**level, axis=2) for level, image in enumerate(pyramid)]
    return np.concatenate([image[:, :height, :width] for image in repeated], axis=-1)
