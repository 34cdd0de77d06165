"""Pooling of an image by grids of several sizes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_image_sides, check_sizes, known_channels
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class SpatialPyramidPooling(QuickLayer):
    """Turns an image into one vector: the maximum of each channel in each cell of several grids laid over it.

    Use it between a convolutional trunk and its head where it matters in which part of the image something lies; a
    global pooling forgets that. Images of any size give vectors of one length.

    Args:
        grids: cells along each side of each grid. Defaults to (4, 2, 1).

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, height, width, channels)`, with sides of at least the largest grid. Where the cells don't divide a
        side they overlap by a pixel.

    Output shape:
        `(batch, channels * sum(grid ** 2))`: grid after grid, row after row, channels last.

    Raises:
        ValueError: no grid, a grid below 1, or an image smaller than a grid.

    Example:
        >>> import numpy as np
        >>> tuple(SpatialPyramidPooling()(np.ones((2, 8, 12, 64), "float32")).shape)
        (2, 1344)

    Reference:
        He et al., "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition", 2014.
    """

    def __init__(self, grids: Sequence[int] = (4, 2, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not grids:
            raise ValueError(f"Expected at least one grid. Received: grids={grids!r}.")
        for grid in grids:
            check_sizes(grid=grid)
        self.grids = tuple(grids)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        check_image_sides([side or 0 for side in input_shape[1:]], at_least=max(self.grids))

    def call(self, inputs: Any) -> Any:
        # Not AdaptiveMaxPooling2D of Keras: on TensorFlow it fails with a single cell.
        _, height, width, _ = inputs.shape
        cells = [
            ops.max(inputs[:, top:bottom, left:right], axis=(1, 2))
            for grid in self.grids
            for top, bottom in _stretches(height, grid)
            for left, right in _stretches(width, grid)
        ]
        return ops.concatenate(cells, axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], known_channels(input_shape) * sum(grid**2 for grid in self.grids))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grids": self.grids}


def _stretches(side: int, cells: int) -> list[tuple[int, int]]:
    """First pixel of each cell along a side, and the one after its last."""
    return [(side * cell // cells, -(-side * (cell + 1) // cells)) for cell in range(cells)]
