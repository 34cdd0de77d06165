"""Gamma."""

from math import log
from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.pixels import PixelAugmentation
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class Gamma(PixelAugmentation):
    """Raises values, on a scale from 0 to 1, to a random power.

    Use it against differences of cameras and screens: it changes middle tones, and keeps black and white.

    Args:
        largest: largest power, from 1 to 10; its logarithm is uniform from that of 1 / largest. Defaults to 1.4.
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
        ValueError: a power outside [1, 10], a rate outside [0, 1], or a range whose second number is not above its
            first.

    Example:
        >>> import numpy as np
        >>> np.array(Gamma(seed=1)(np.full((1, 4, 4, 3), 255.0, "float32"), training=True))[0, 0, 0].tolist()
        [255.0, 255.0, 255.0]

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (RandomGamma, there from 0.8 to
        1.2, uniform).
    """

    def __init__(
        self,
        largest: float = 1.4,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_within(1, 10, largest=largest)
        self.largest = largest

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        return pixels ** ops.exp(draws.uniform(1, 1, 1, low=-log(self.largest), high=log(self.largest)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "largest": self.largest}
