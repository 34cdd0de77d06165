"""Shuffle of the channels."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.color import ColorAugmentation, ColorMap


@keras.saving.register_keras_serializable(package="kerashar")
class ChannelShuffle(ColorAugmentation):
    """Puts the channels of each image into a random order.

    Use it where shapes matter and colours don't.

    Args:
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed, from 0 to 1. One of the orders drawn is
            that of the channels as they are. Defaults to 0.5.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a rate outside [0, 1], or a range whose second number is not above its first.

    Example:
        >>> import numpy as np
        >>> image = np.tile(np.array([10, 20, 30], "float32"), (1, 4, 4, 1))
        >>> sorted(np.array(ChannelShuffle(seed=1)(image, training=True))[0, 0, 0].round().tolist())
        [10.0, 20.0, 30.0]

    Reference:
        Buslaev et al., "Albumentations: Fast and Flexible Image Augmentations", 2020 (ChannelShuffle).
    """

    def __init__(
        self, value_range: tuple[float, float] = (0, 255), rate: float = 0.5, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range=value_range, rate=rate, seed=seed, **kwargs)

    def recolor(self, colors: ColorMap, draws: Draws) -> None:
        colors.multiply(ops.one_hot(draws.order(colors.channels), colors.channels, dtype="float32"))
