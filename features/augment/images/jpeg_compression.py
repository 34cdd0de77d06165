"""JPEG compression."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops
from scipy.fft import dct

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.pixels import PixelAugmentation
from kerashar.features.augment.images.warping import pad_edges
from kerashar.features.checks import check_range

BLOCK = 8  # pixels in a row of a block

# Quantisation steps at quality 50, for luminance and for colour: ITU-T T.81, annex K, tables 1 and 2.
LUMINANCE_STEPS = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    "float32",
)
COLOR_STEPS = np.full((BLOCK, BLOCK), 99, "float32")
COLOR_STEPS[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]

# From red, green and blue to luminance and two differences of colour, as JFIF has it.
YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


@keras.saving.register_keras_serializable(package="kerashar")
class JpegCompression(PixelAugmentation):
    """Makes the artefacts of JPEG compression of a random quality.

    Use it where images come from cameras or the web. Colour is kept at full resolution (4:4:4), and nothing is
    encoded: that has no loss. No gradient passes through.

    Args:
        quality: worst and best quality, from 1 to 100; each whole number between them is as likely. Defaults to
            (40, 95).
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
        ValueError: a quality outside [1, 100], a rate outside [0, 1], or ranges out of order.

    Example:
        >>> even = np.full((1, 16, 16, 3), 128.0, "float32")
        >>> compressed = JpegCompression((50, 50), rate=1.0)(even, training=True)
        >>> float(np.abs(np.array(compressed) - even).max().round(3))
        0.0

    Reference:
        ITU-T T.81, "Digital compression and coding of continuous-tone still images", 1992; qualities as in the
        Independent JPEG Group's library. Images of another number of channels than 3 are taken as luminance.
    """

    def __init__(
        self,
        quality: tuple[int, int] = (40, 95),
        value_range: tuple[float, float] = (0, 255),
        rate: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_range(1, 100, quality=quality)
        self.quality = quality

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        height, width, channels = pixels.shape[1:]
        to_colors, from_colors = (ops.convert_to_tensor(matrix) for matrix in _color_matrices(channels))
        transform = ops.convert_to_tensor(_block_transform())
        steps = _steps(draws, self.quality, channels)

        padded = pad_edges(pixels * 255 - 128, 0, (-height % BLOCK, -width % BLOCK))
        rows, columns = padded.shape[1] // BLOCK, padded.shape[2] // BLOCK
        colors = ops.round(ops.matmul(padded, to_colors))  # of 8 bits each
        blocks = ops.reshape(colors, (-1, rows, BLOCK, columns, BLOCK, channels))
        blocks = ops.reshape(ops.transpose(blocks, (0, 1, 3, 5, 2, 4)), (-1, rows * columns, channels, BLOCK**2))

        coefficients = ops.matmul(blocks, transform)
        kept = ops.round(coefficients / steps) * steps
        blocks = ops.matmul(kept, ops.transpose(transform))

        blocks = ops.reshape(blocks, (-1, rows, columns, channels, BLOCK, BLOCK))
        image = ops.reshape(ops.transpose(blocks, (0, 1, 4, 2, 5, 3)), (-1, rows * BLOCK, columns * BLOCK, channels))
        return (ops.matmul(image[:, :height, :width], from_colors) + 128) / 255

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quality": self.quality}


def _steps(draws: Draws, quality: tuple[int, int], channels: int) -> Any:
    """The quantisation steps of each image `(batch, 1, channels, 64)`."""
    worst, best = quality
    drawn = ops.minimum(ops.floor(draws.uniform(1, 1, 1, low=worst, high=best + 1)), best)
    percent = ops.where(drawn < 50, 5000 / drawn, 200 - 2 * drawn)
    tables = [LUMINANCE_STEPS, COLOR_STEPS, COLOR_STEPS] if channels == 3 else [LUMINANCE_STEPS] * channels
    middle = ops.convert_to_tensor(np.reshape(tables, (channels, -1)))
    return ops.clip(ops.floor((middle * percent + 50) / 100), 1, 255)


@cache
def _block_transform() -> np.ndarray:
    """The cosine transform of a block along both axes, (64, 64), applied from the right."""
    one_axis = np.asarray(dct(np.eye(BLOCK), axis=0, norm="ortho"))
    return np.kron(one_axis, one_axis).T.astype("float32")


@cache
def _color_matrices(channels: int) -> tuple[np.ndarray, np.ndarray]:
    """From channels to luminance and colour, and back, applied from the right."""
    forth = YCBCR.T if channels == 3 else np.eye(channels)
    return forth.astype("float32"), np.linalg.inv(forth).astype("float32")
