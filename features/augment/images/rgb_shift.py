"""Shift of red, green and blue."""

from typing import Any

import keras

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import ColorAugmentation, ColorMap
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class RgbShift(ColorAugmentation):
    """Adds a random offset to each channel of each image.

    Use it against dependence on the colour of the light, and on white balance.

    Args:
        amount: largest offset either way, as a share of the range, from 0 to 1. Defaults to 0.08.
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: an amount or rate outside [0, 1], or a range whose second number is not above its first.

    Example:
        >>> import numpy as np
        >>> shifted = np.array(RgbShift(0.1, seed=1)(np.full((2, 4, 4, 3), 100.0, "float32"), training=True))
        >>> bool(74.5 <= shifted.min() < shifted.max() <= 125.5)
        True

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (RGBShift).
    """

    def __init__(
        self,
        amount: float = 0.08,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_within(0, 1, amount=amount)
        self.amount = amount

    def recolor(self, colors: ColorMap, draws: Draws) -> None:
        colors.add(draws.uniform(1, colors.channels, low=-self.amount, high=self.amount))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amount": self.amount}
