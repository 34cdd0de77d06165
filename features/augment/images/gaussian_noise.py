"""Gaussian noise."""

from typing import Any

import keras

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.pixels import PixelAugmentation
from kerashar.features.checks import check_not_negative


@keras.saving.register_keras_serializable(package="kerashar")
class GaussianNoise(PixelAugmentation):
    """Adds white Gaussian noise of a random strength to each image.

    Use it against dependence on the noise of one camera, which grows in weak light.

    Args:
        deviation: largest deviation of the noise, as a share of the range; each image's is uniform from 0. Defaults
            to 0.05.
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
        ValueError: a negative deviation, a rate outside [0, 1], or a range whose second number is not above its first.

    Example:
        >>> import numpy as np
        >>> noisy = np.array(GaussianNoise(0.1, seed=1)(np.full((64, 8, 8, 3), 128.0, "float32"), training=True))
        >>> bool(0 < noisy.std() < 25.5)
        True

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (GaussNoise).
        `keras.layers.GaussianNoise` has one strength, and does not cut values to their range.
    """

    def __init__(
        self,
        deviation: float = 0.05,
        value_range: tuple[float, float] = (0, 255),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)
        check_not_negative(deviation=deviation)
        self.deviation = deviation

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        return pixels + draws.normal(*pixels.shape[1:]) * draws.uniform(1, 1, 1, high=self.deviation)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation}
