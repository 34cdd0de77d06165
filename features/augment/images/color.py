"""Colour changes that are a matrix and an offset for each image."""

from functools import cache
from typing import Any

import numpy as np
from keras import ops

from kerashar.features.arrays.edges import LUMA
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.pixels import PixelAugmentation

# From red, green and blue to luminance and two axes of colour, in which a turn is a change of hue.
YIQ = np.array([LUMA, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])


class ColorMap:
    """A matrix and an offset for each image, made of steps that follow each other.

    Since every step is linear, all of them together pass over the pixels once. The mean colour goes along, since
    contrast needs it.

    Args:
        pixels: tensor `(batch, height, width, channels)` of values from 0 to 1.
    """

    def __init__(self, pixels: Any) -> None:
        self.pixels = pixels
        self.channels = pixels.shape[-1]
        self.identity = ops.convert_to_tensor(np.eye(self.channels, dtype="float32"))[None]
        self.grey = ops.convert_to_tensor(grey_weights(self.channels)[:, None])  # (channels, 1)
        self.matrix = self.identity
        self.offset = ops.zeros((1, 1, self.channels), "float32")

    def multiply(self, matrix: Any) -> None:
        """Apply matrices `(batch, channels, channels)`, from the right of a pixel."""
        self.matrix, self.offset = ops.matmul(self.matrix, matrix), ops.matmul(self.offset, matrix)

    def add(self, offset: Any) -> None:
        """Add offsets `(batch, 1, channels)`."""
        self.offset = self.offset + offset

    def brighten(self, factor: Any) -> None:
        """Multiply all values by factors `(batch, 1, 1)`."""
        self.matrix, self.offset = self.matrix * factor, self.offset * factor

    def spread(self, factor: Any) -> None:
        """Multiply distances from the image's mean grey by factors `(batch, 1, 1)`: contrast."""
        mean = ops.mean(self.pixels, axis=(1, 2))[:, None]
        grey = ops.matmul(ops.matmul(mean, self.matrix) + self.offset, self.grey)
        self.brighten(factor)
        self.add((1 - factor) * grey)

    def saturate(self, factor: Any) -> None:
        """Multiply distances of each pixel from its own grey by factors `(batch, 1, 1)`."""
        self.multiply(factor * self.identity + (1 - factor) * self.grey)

    def turn(self, angle: Any) -> None:
        """Turn the hue by angles `(batch, 1, 1)` in radians; luminance stays."""
        cosine, sine, still = (ops.convert_to_tensor(part) for part in _turn_parts())
        self.multiply(ops.cos(angle) * cosine + ops.sin(angle) * sine + still)

    def apply(self) -> Any:
        """The changed pixels."""
        height, width = self.pixels.shape[1:3]
        flat = ops.reshape(self.pixels, (-1, height * width, self.channels))
        return ops.reshape(ops.matmul(flat, self.matrix) + self.offset, (-1, height, width, self.channels))


class ColorAugmentation(PixelAugmentation):
    """Changes the colours of each image by a random matrix and offset.

    Use it as the base of such augmentations: give `recolor`.

    Args:
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a range whose second number is not above its first, or a rate outside [0, 1].
    """

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        colors = ColorMap(pixels)
        self.recolor(colors, draws)
        return colors.apply()

    def recolor(self, colors: ColorMap, draws: Draws) -> None:
        """Append the steps of the change."""
        raise TypeError(f"Expected {type(self).__name__} to define recolor.")


def factors_around_one(draws: Draws, amount: float) -> Any:
    """Factors `(batch, 1, 1)`, uniform from `1 - amount`, or 0 if that is negative, to `1 + amount`."""
    return draws.uniform(1, 1, low=max(0.0, 1 - amount), high=1 + amount)


def grey_weights(channels: int) -> np.ndarray:
    """What each of so many channels adds to an image's brightness."""
    return LUMA.astype("float32") if channels == 3 else np.full(channels, 1 / channels, "float32")


def check_red_green_blue(input_shape: tuple[int, ...]) -> None:
    """Refuse images that don't have three channels."""
    if input_shape[-1] != 3:
        raise ValueError(f"Expected red, green and blue. Received: shape={input_shape}.")


@cache
def _turn_parts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the cosine of an angle, its sine and 1 are multiplied by in the matrix that turns the hue."""
    back = np.linalg.inv(YIQ)
    parts = ([[0, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, -1], [0, 1, 0]], [[1, 0, 0], [0, 0, 0], [0, 0, 0]])
    cosine, sine, still = ((back @ np.array(part) @ YIQ).T.astype("float32") for part in parts)
    return cosine, sine, still
