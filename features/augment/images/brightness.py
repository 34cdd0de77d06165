"""Brightness."""

from typing import Any

import keras

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import ColorAugmentation, ColorMap, factors_around_one
from kerashar.features.checks import check_not_negative


@keras.saving.register_keras_serializable(package="kerashar")
class Brightness(ColorAugmentation):
    """Multiplies the values of each image by a random factor, as another exposure would.

    Use it against dependence on the light.

    Args:
        amount: the factor is uniform from 1 - amount, at least 0, to 1 + amount. Defaults to 0.2.
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
        ValueError: a negative amount, a rate outside [0, 1], or a range whose second number is not above its first.

    Example:
        >>> import numpy as np
        >>> bright = np.array(Brightness(0.2, seed=1)(np.full((2, 4, 4, 3), 100.0, "float32"), training=True))
        >>> bool(80 <= bright.min() < bright.max() <= 120)
        True

    Reference:
        `torchvision.transforms.ColorJitter`, by whose formula it is; `keras.layers.RandomBrightness` adds an offset.
    """

    def __init__(
        self,
        amount: float = 0.2,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_not_negative(amount=amount)
        self.amount = amount

    def recolor(self, colors: ColorMap, draws: Draws) -> None:
        colors.brighten(factors_around_one(draws, self.amount))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amount": self.amount}
