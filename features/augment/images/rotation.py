"""Rotation."""

from math import radians
from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.warping import affine_warp, check_pixels
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class Rotation(Augmentation):
    """Turns each image about its centre by a random angle.

    Use it against dependence on how the camera is held. Corners are filled with the mirrored image.

    Args:
        max_angle: largest angle either way, in degrees, from 0 to 180. Defaults to 15.
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
        ValueError: an angle outside [0, 180], a rate outside [0, 1], or an image of less than 2 x 2 pixels.

    Example:
        >>> import numpy as np
        >>> tuple(Rotation(30, seed=1)(np.ones((4, 32, 32, 3), "float32"), training=True).shape)
        (4, 32, 32, 3)

    Reference:
        `keras.layers.RandomRotation`, which is as exact, and on torch takes about ten times as long.
    """

    dimensions = (2,)

    def __init__(self, max_angle: float = 15.0, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 180, max_angle=max_angle)
        self.max_angle = max_angle

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_pixels(input_shape)

    def change(self, values: Any, draws: Draws) -> Any:
        angle = draws.uniform(low=-radians(self.max_angle), high=radians(self.max_angle))
        cosine, sine = ops.cos(angle), ops.sin(angle)
        return affine_warp(values, ops.reshape(ops.stack([cosine, sine, -sine, cosine], axis=-1), (-1, 2, 2)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_angle": self.max_angle}
