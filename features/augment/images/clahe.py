"""Contrast-limited adaptive histogram equalisation."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import grey_weights
from kerashar.features.augment.images.pixels import PixelAugmentation
from kerashar.features.checks import check_within
from kerashar.layers.checks import check_sizes

LEVELS = 256  # of brightness that a histogram tells apart


@keras.saving.register_keras_serializable(package="kerashar")
class Clahe(PixelAugmentation):
    """Spreads the brightness of each region of an image over the whole range.

    Use it against dependence on light and shade. Colours stay: all three channels change by what luminance changes.

    Args:
        clip_limit: how far a level of brightness may be more frequent than the mean before it is cut, at least 1;
            each image's limit is uniform from 1, which changes little, to this. Defaults to 4.
        tiles: regions along either side of the image. Defaults to 4.
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed, from 0 to 1. Defaults to 0.5.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a limit outside [1, 256], tiles that are not a whole number of at least 1, a rate outside [0, 1], a
            range whose second number is not above its first, or an image with fewer pixels in a row than tiles.

    Example:
        >>> dull = np.tile(np.linspace(100, 130, 32, dtype="float32")[:, None, None], (1, 1, 32, 1))
        >>> clear = np.array(Clahe(clip_limit=40.0, tiles=1, rate=1.0, seed=1)(dull, training=True))
        >>> bool(np.ptp(clear) > 2 * np.ptp(dull))
        True

    Reference:
        Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", 1994, with the limit and the redistribution of
        OpenCV. `keras.layers.CLAHE` equalises each channel on its own, which changes colours, does so to every image,
        at inference too, and takes dozens of times as long.
    """

    def __init__(
        self,
        clip_limit: float = 4.0,
        tiles: int = 4,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_within(1, LEVELS, clip_limit=clip_limit)
        check_sizes(tiles=tiles)
        self.clip_limit = clip_limit
        self.tiles = tiles

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if min(input_shape[:2]) < self.tiles:
            raise ValueError(
                f"Expected images of at least {self.tiles} x {self.tiles} pixels, one for each tile. "
                f"Received: shape={input_shape}."
            )

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        height, width, channels = pixels.shape[1:]
        grey = grey_weights(channels)
        brightness = ops.matmul(pixels, ops.convert_to_tensor(grey[:, None]))
        levels = ops.reshape(ops.cast(ops.round(brightness * (LEVELS - 1)), "int32"), (-1, height * width))
        curves = self._curves(levels, height, width, draws)  # (batch, tiles * tiles * LEVELS)

        equalised = 0.0
        for tile, weight in _neighbours(height, width, self.tiles):
            places = ops.convert_to_tensor(tile * LEVELS) + levels
            equalised += ops.convert_to_tensor(weight) * ops.take_along_axis(curves, places, axis=1)
        return pixels + ops.reshape(equalised, (-1, height, width, 1)) - brightness

    def _curves(self, levels: Any, height: int, width: int, draws: Draws) -> Any:
        """To which brightness each tile takes each level."""
        batch, bins = ops.shape(levels)[0], self.tiles**2 * LEVELS
        tile, pixels = _tiles(height, width, self.tiles)
        first = ops.arange(batch, dtype="int32")[:, None] * bins + ops.convert_to_tensor(tile * LEVELS)
        counted = ops.reshape(first + levels, (-1,))
        counts = ops.segment_sum(ops.ones_like(counted, "float32"), counted, num_segments=batch * bins)
        shares = ops.reshape(counts, (-1, self.tiles**2, LEVELS)) / ops.convert_to_tensor(pixels[:, None])

        limit = draws.uniform(1, 1, low=1.0, high=self.clip_limit) / LEVELS
        clipped = ops.minimum(shares, limit)
        clipped = clipped + (1 - ops.sum(clipped, axis=-1, keepdims=True)) / LEVELS  # what was cut goes to all levels
        return ops.reshape(ops.cumsum(clipped, axis=-1), (-1, bins))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "clip_limit": self.clip_limit, "tiles": self.tiles}


@cache
def _tiles(height: int, width: int, tiles: int) -> tuple[np.ndarray, np.ndarray]:
    """The tile of each pixel `(height * width,)`, and how many pixels each tile has."""
    row, column = (np.arange(size) * tiles // size for size in (height, width))
    tile = (row[:, None] * tiles + column).ravel().astype("int32")
    return tile, np.bincount(tile).astype("float32")


@cache
def _neighbours(height: int, width: int, tiles: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The four tiles whose centres surround each pixel, and their weights for bilinear interpolation."""
    corners = []
    for rows, row_weights in _sides(height, tiles):
        for columns, column_weights in _sides(width, tiles):
            tile = (rows[:, None] * tiles + columns).ravel().astype("int32")
            corners.append((tile, np.outer(row_weights, column_weights).ravel().astype("float32")))
    return corners


def _sides(size: int, tiles: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Along one axis the tile whose centre lies before each pixel, the one after it, and their weights."""
    places = np.clip((np.arange(size) + 0.5) * tiles / size - 0.5, 0, tiles - 1)
    before = np.floor(places).astype(int)
    return [(before, 1 - (places - before)), (np.minimum(before + 1, tiles - 1), places - before)]
