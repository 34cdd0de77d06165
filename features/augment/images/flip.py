"""Flip."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws


@keras.saving.register_keras_serializable(package="kerashar")
class Flip(Augmentation):
    """Mirrors images.

    Use it where left and right, or up and down, don't matter.

    Args:
        horizontal: whether left and right change places. Defaults to True.
        vertical: whether top and bottom do. With both, an image that is changed is mirrored one way, the other, or
            both ways, all as likely. Defaults to False.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 0.5.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: neither direction, or a rate outside [0, 1].

    Example:
        >>> import numpy as np
        >>> image = np.array([[[[1.0], [2.0]], [[3.0], [4.0]]]], "float32")
        >>> np.array(Flip(rate=1.0)(image, training=True))[0, :, :, 0].tolist()
        [[2.0, 1.0], [4.0, 3.0]]

    Reference:
        `keras.layers.RandomFlip`, which with both directions flips both ways or not at all.
    """

    dimensions = (2,)

    def __init__(
        self,
        horizontal: bool = True,
        vertical: bool = False,
        rate: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        if not horizontal and not vertical:
            raise ValueError("Expected at least one direction. Received: horizontal=False, vertical=False.")
        self.horizontal = horizontal
        self.vertical = vertical

    def change(self, values: Any, draws: Draws) -> Any:
        if not self.vertical:
            return ops.flip(values, axis=2)
        if not self.horizontal:
            return ops.flip(values, axis=1)
        way = draws.uniform(1, 1, 1, high=3.0)
        sideways = ops.where(way < 2, ops.flip(values, axis=2), values)
        return ops.where(way >= 1, ops.flip(sideways, axis=1), sideways)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "horizontal": self.horizontal, "vertical": self.vertical}
