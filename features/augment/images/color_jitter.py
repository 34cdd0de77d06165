"""Colour jitter."""

from math import radians
from typing import Any

import keras

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import (
    ColorAugmentation,
    ColorMap,
    check_red_green_blue,
    factors_around_one,
)
from kerashar.features.checks import check_not_negative, check_within


@keras.saving.register_keras_serializable(package="kerashar")
class ColorJitter(ColorAugmentation):
    """Changes brightness, contrast, saturation and hue of each image, in this order.

    Use it as the usual change of colours: all four together cost one pass over the pixels.

    Args:
        brightness: the factor of all values is uniform from 1 - brightness, at least 0, to 1 + brightness. Defaults
            to 0.2.
        contrast: likewise, of distances from the image's mean grey. Defaults to 0.2.
        saturation: likewise, of distances of each pixel from its own grey. Defaults to 0.2.
        hue: largest turn of the hue either way, in degrees, from 0 to 180. Defaults to 10.
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, 3)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a negative amount, a hue outside [0, 180], a rate outside [0, 1], a range whose second number is
            not above its first, or images without red, green and blue.

    Example:
        >>> import numpy as np
        >>> tuple(ColorJitter(seed=1)(np.ones((4, 32, 32, 3), "float32"), training=True).shape)
        (4, 32, 32, 3)

    Reference:
        `torchvision.transforms.ColorJitter`, whose order is random, whose hue is turned in HSV, and which cuts values
        to their range after each step.
    """

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        saturation: float = 0.2,
        hue: float = 10.0,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_not_negative(brightness=brightness, contrast=contrast, saturation=saturation)
        check_within(0, 180, hue=hue)
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_red_green_blue(input_shape)

    def recolor(self, colors: ColorMap, draws: Draws) -> None:
        if self.brightness > 0:
            colors.brighten(factors_around_one(draws, self.brightness))
        if self.contrast > 0:
            colors.spread(factors_around_one(draws, self.contrast))
        if self.saturation > 0:
            colors.saturate(factors_around_one(draws, self.saturation))
        if self.hue > 0:
            colors.turn(draws.uniform(1, 1, low=-radians(self.hue), high=radians(self.hue)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "brightness": self.brightness,
            "contrast": self.contrast,
            "saturation": self.saturation,
            "hue": self.hue,
        }
