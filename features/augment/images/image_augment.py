"""A policy for images."""

from typing import Any

import keras

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.images.brightness import Brightness
from kerashar.features.augment.images.clahe import Clahe
from kerashar.features.augment.images.color_jitter import ColorJitter
from kerashar.features.augment.images.contrast import Contrast
from kerashar.features.augment.images.gamma import Gamma
from kerashar.features.augment.images.gaussian_blur import GaussianBlur
from kerashar.features.augment.images.gaussian_noise import GaussianNoise
from kerashar.features.augment.images.jpeg_compression import JpegCompression
from kerashar.features.augment.images.multi_scale import MultiScale
from kerashar.features.augment.images.random_erasing import RandomErasing
from kerashar.features.augment.images.rgb_shift import RgbShift
from kerashar.features.augment.images.rotation import Rotation
from kerashar.features.augment.policy import Policy
from kerashar.features.checks import check_value_range

# The setting of each operation at strength 1; at strength s it has s times that.
STRONGEST = {
    "rotation": 30.0,  # degrees, as in RandAugment
    "multi_scale": 0.3,  # scales from 0.7 to 1.3
    "random_erasing": 0.4,  # of the image at most: what is seen can still be told
    "brightness": 0.6,  # the factor is from 0.4 to 1.6
    "contrast": 0.6,  # the factor is from 0.4 to 1.6
    "gamma": 1.0,  # added to a power of 1, which doesn't change anything
    "saturation": 0.8,  # the factor is from 0.2 to 1.8
    "hue": 30.0,  # degrees: farther, red things turn green
    "rgb_shift": 0.15,  # of the range
    "clahe": 3.0,  # added to a limit of 1, which changes little
    "gaussian_blur": 1.5,  # pixels, which is much for images of 32 x 32
    "gaussian_noise": 0.1,  # of the range
    "jpeg_compression": 80,  # taken off a quality of 95
}


@keras.saving.register_keras_serializable(package="kerashar")
class ImageAugment(Policy):
    """Applies to each image a few of the image augmentations, drawn for it and all of one strength.

    Use it where nobody has searched for augmentations yet: its two numbers, operations and strength, can be tuned
    together. Each image draws its own set of operations, without repetition. They are applied in one order: places
    first, then light and colour, then what a camera adds. It doesn't mirror, which changes the meaning of some things:
    put `Flip` beside it.

    Args:
        strength: from 0, which changes nothing, to 1. Defaults to 0.5.
        operations: how many operations an image gets. Defaults to 2.
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`; without 3 channels saturation and hue are left out.

    Output shape:
        As the input.

    Raises:
        ValueError: a strength or rate outside [0, 1], more operations than there are, a range whose second number is
            not above its first, or an image of less than 4 x 4 pixels.

    Example:
        >>> import numpy as np
        >>> tuple(ImageAugment(seed=1)(np.ones((4, 32, 32, 3), "float32"), training=True).shape)
        (4, 32, 32, 3)

    Reference:
        Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2020. Theirs
        draws with repetition and in random order; one order lets each operation be computed once for a batch.
    """

    dimensions = (2,)

    def __init__(
        self,
        strength: float = 0.5,
        operations: int = 2,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(strength=strength, operations=operations, rate=rate, seed=seed, **kwargs)
        check_value_range(value_range)
        self.value_range = value_range

    def candidates(self, channels: int) -> list[Augmentation]:
        amounts = {name: self.strength * strongest for name, strongest in STRONGEST.items()}
        values = self.value_range
        colors = ColorJitter(0.0, 0.0, amounts["saturation"], amounts["hue"], values)
        return [
            Rotation(amounts["rotation"]),
            MultiScale((1 - amounts["multi_scale"], 1 + amounts["multi_scale"])),
            RandomErasing((0.0, amounts["random_erasing"]), value_range=values),
            Brightness(amounts["brightness"], values),
            Contrast(amounts["contrast"], values),
            Gamma(1 + amounts["gamma"], values),
            *([colors] if channels == 3 else []),
            RgbShift(amounts["rgb_shift"], values),
            Clahe(1 + amounts["clahe"], value_range=values),
            GaussianBlur((0.1, 0.1 + amounts["gaussian_blur"])),
            GaussianNoise(amounts["gaussian_noise"], values),
            JpegCompression((95 - round(amounts["jpeg_compression"]), 95), values),
        ]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}
