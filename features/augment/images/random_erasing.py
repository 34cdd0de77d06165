"""Random erasing."""

from math import log
from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_range, check_value_range


@keras.saving.register_keras_serializable(package="kerashar")
class RandomErasing(Augmentation):
    """Replaces a random rectangle of each image by noise.

    Use it against dependence on one part of what is seen, and for things that are partly hidden.

    Args:
        area: smallest and largest share of the image that is erased, from 0 to 1; it is uniform between them. Defaults
            to (0.02, 0.33).
        aspect: smallest and largest ratio of height to width, from 0.01 to 100, as shares of the image's; its
            logarithm is uniform between theirs. Where a side would be longer than the image it is cut, and less is
            erased. Defaults to (0.3, 3.3).
        value_range: lowest and highest value of the noise. Defaults to (0, 255).
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
        ValueError: an area outside [0, 1], an aspect outside [0.01, 100], a rate outside [0, 1], or ranges out of
            order.

    Example:
        >>> import numpy as np
        >>> erase = RandomErasing((0.25, 0.25), (1.0, 1.0), rate=1.0, seed=1)
        >>> erased = np.array(erase(np.zeros((1, 32, 32, 3), "float32"), training=True))
        >>> float((erased.max(axis=-1) > 0).mean())
        0.25

    Reference:
        Zhong et al., "Random Erasing Data Augmentation", 2020. Theirs draws again while the rectangle doesn't fit. In
        `keras.layers.RandomErasing` height and width are drawn on their own, and the noise leaves the range.
    """

    dimensions = (2,)

    def __init__(
        self,
        area: tuple[float, float] = (0.02, 0.33),
        aspect: tuple[float, float] = (0.3, 3.3),
        value_range: tuple[float, float] = (0, 255),
        rate: float = 0.5,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_value_range(value_range)
        check_range(0, 1, area=area)
        check_range(0.01, 100, aspect=aspect)
        self.area = area
        self.aspect = aspect
        self.value_range = value_range

    def change(self, values: Any, draws: Draws) -> Any:
        return self.change_chosen(values, ops.ones(ops.shape(values)[:1], "bool"), draws)

    def change_chosen(self, values: Any, chosen: Any, draws: Draws) -> Any:
        height, width = values.shape[1:3]
        area = draws.uniform(1, low=self.area[0], high=self.area[1])
        aspect = ops.exp(draws.uniform(1, low=log(self.aspect[0]), high=log(self.aspect[1])))
        rows = draws.stretch(height, _side(area * aspect, height))
        columns = draws.stretch(width, _side(area / aspect, width))
        erased = ops.logical_and(rows[:, :, None], columns[:, None, :])
        erased = ops.logical_and(erased, chosen[:, None, None])
        return ops.where(erased[..., None], draws.noise(values, *self.value_range), values)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            **{"area": self.area, "aspect": self.aspect, "value_range": self.value_range},
        }


def _side(squared_share: Any, size: int) -> Any:
    return ops.round(ops.minimum(ops.sqrt(squared_share), 1.0) * size)
