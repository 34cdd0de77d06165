"""Edges and colours of images on arrays, by SciPy."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

STEP = np.array([-1.0, 0.0, 1.0])
CURVATURE = np.array([1.0, -2.0, 1.0])
SMOOTHING = {  # across the step
    "sobel": np.array([1.0, 2.0, 1.0]) / 4,
    "scharr": np.array([3.0, 10.0, 3.0]) / 16,
    "prewitt": np.array([1.0, 1.0, 1.0]) / 3,
}
LUMA = np.array([0.299, 0.587, 0.114])  # of red, green and blue, ITU-R BT.601


def image_gradients(images: np.ndarray, kind: str = "sobel") -> np.ndarray:
    """`(n, height, width, 2 * channels)`: from left to right, then from top to bottom."""
    steps = [(ndimage.correlate1d(images, STEP, axis), 3 - axis) for axis in (2, 1)]
    return np.concatenate([ndimage.correlate1d(step, SMOOTHING[kind], across) for step, across in steps], axis=-1)


def edge_magnitude(images: np.ndarray, kind: str) -> np.ndarray:
    """`(n, height, width, channels)`."""
    rightward, downward = np.split(image_gradients(images, kind), 2, axis=-1)
    return np.sqrt((np.square(rightward) + np.square(downward)) / 2)


def laplacian_edges(images: np.ndarray) -> np.ndarray:
    """`(n, height, width, channels)`."""
    return ndimage.correlate1d(images, CURVATURE, 1) + ndimage.correlate1d(images, CURVATURE, 2)


def grayscale(images: np.ndarray) -> np.ndarray:
    """`(n, height, width, 1)`."""
    return (images @ LUMA.astype("float32"))[..., None]


def heat_map(images: np.ndarray, table: np.ndarray, value_range: Sequence[float]) -> np.ndarray:
    """`(n, height, width, 3)`."""
    low, high = value_range
    if images.shape[-1] == 3:
        images = grayscale(images)
    entries = np.floor((images[..., 0] - low) / (high - low) * len(table))
    return table[np.clip(entries, 0, len(table) - 1).astype("int32")]
