"""Images whose pixels come from other places."""

from typing import Any

import numpy as np
from keras import ops

from kerashar.features.augment.gathering import take_places


def affine_warp(images: Any, matrix: Any) -> Any:
    """Fetch each pixel from where a matrix sends it, seen from the image's centre, by bilinear interpolation.

    Beyond its edges the image goes on mirrored. `ops.image.affine_transform` takes about ten times as long on torch.

    Args:
        images: tensor `(batch, height, width, channels)` of at least 2 x 2 pixels.
        matrix: tensor `(batch, 2, 2)`, for rows and columns.

    Returns:
        Tensor of the images' shape.
    """
    height, width, channels = images.shape[1:]
    center = np.array([[(height - 1) / 2], [(width - 1) / 2]], "float32")
    grid = np.indices((height, width)).reshape(2, -1).astype("float32")
    places = ops.matmul(matrix, ops.convert_to_tensor(grid - center)) + ops.convert_to_tensor(center)
    top, down = _between(places[:, 0], height)
    left, right = _between(places[:, 1], width)
    flat = ops.reshape(images, (-1, height * width, channels))
    first = top * width + left
    upper = (1 - right) * take_places(flat, first) + right * take_places(flat, first + 1)
    lower = (1 - right) * take_places(flat, first + width) + right * take_places(flat, first + width + 1)
    return ops.reshape((1 - down) * upper + down * lower, (-1, height, width, channels))


def check_pixels(input_shape: tuple[int, ...]) -> None:
    """Refuse images without pixels to interpolate between."""
    if min(input_shape[:2]) < 2:
        raise ValueError(f"Expected images of at least 2 x 2 pixels. Received: shape={input_shape}.")


def pad_edges(images: Any, before: int, after: tuple[int, int]) -> Any:
    """Repeat the outermost pixels: `before` at the top and the left, `after` at the bottom and the right."""
    for axis, behind in zip((1, 2), after, strict=True):
        size = images.shape[axis]
        places = np.clip(np.arange(-before, size + behind), 0, size - 1).astype("int32")
        images = ops.take(images, ops.convert_to_tensor(places), axis=axis)
    return images


def _between(places: Any, size: int) -> tuple[Any, Any]:
    """The pixel before each place `(batch, count)`, and the weight `(batch, count, 1)` of the one after it."""
    mirrored = (size - 1) - ops.abs((size - 1) - ops.abs(places))
    inside = ops.maximum(mirrored, 0.0)  # a place more than an image away stays at the edge
    before = ops.minimum(ops.floor(inside), size - 2)
    return before, (inside - before)[..., None]
