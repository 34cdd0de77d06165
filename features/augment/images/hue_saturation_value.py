"""Shift of hue, saturation and value."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import check_red_green_blue
from kerashar.features.augment.images.pixels import PixelAugmentation
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class HueSaturationValue(PixelAugmentation):
    """Adds random offsets to hue, saturation and value of each image.

    Use it where pale colours should become vivid ones, which no factor of `ColorJitter` does; that layer is several
    times faster.

    Args:
        hue: largest turn of the hue either way, in degrees, from 0 to 180. Defaults to 20.
        saturation: largest offset of the saturation either way, from 0 to 1. Defaults to 0.1.
        value: likewise, of the value, the brightest of the three channels. Defaults to 0.1.
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
        ValueError: a hue outside [0, 180], a shift or rate outside [0, 1], a range whose second number is not above
            its first, or images without red, green and blue.

    Example:
        >>> import numpy as np
        >>> tuple(HueSaturationValue(seed=1)(np.ones((4, 32, 32, 3), "float32"), training=True).shape)
        (4, 32, 32, 3)

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (HueSaturationValue). Grey has no
        hue, so saturation makes it reddish, there too.
    """

    def __init__(
        self,
        hue: float = 20.0,
        saturation: float = 0.1,
        value: float = 0.1,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_within(0, 180, hue=hue)
        check_within(0, 1, saturation=saturation, value=value)
        self.hue = hue
        self.saturation = saturation
        self.value = value

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_red_green_blue(input_shape)

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        largest = ops.convert_to_tensor([self.hue / 360, self.saturation, self.value], "float32")
        shifted = ops.image.rgb_to_hsv(pixels) + largest * draws.uniform(1, 1, 3, low=-1.0)
        hue, others = shifted[..., :1] % 1.0, ops.clip(shifted[..., 1:], 0.0, 1.0)
        return ops.image.hsv_to_rgb(ops.concatenate([hue, others], axis=-1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "hue": self.hue, "saturation": self.saturation, "value": self.value}
