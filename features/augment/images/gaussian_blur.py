"""Gaussian blur."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_range


@keras.saving.register_keras_serializable(package="kerashar")
class GaussianBlur(Augmentation):
    """Blurs each image by a Gaussian of a random width.

    Use it against dependence on focus. It is meant for small images: along each axis it multiplies by a matrix, since
    a filter of each image's own is slow as a convolution.

    Args:
        sigma: smallest and largest deviation of the Gaussian in pixels, from 0.1, which changes nothing, to 100.
            Defaults to (0.1, 1.0).
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
        ValueError: a sigma outside [0.1, 100] or out of order, or a rate outside [0, 1].

    Example:
        >>> point = np.zeros((1, 9, 9, 1), "float32")
        >>> point[0, 4, 4] = 1
        >>> blurred = np.array(GaussianBlur((1.0, 1.0), rate=1.0)(point, training=True))
        >>> round(float(blurred[0, 4, 4, 0]), 3)  # 1 / (2 pi)
        0.159

    Reference:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", 2020 (SimCLR). At the
        edges ours weighs the pixels that there are, so they don't darken.
    """

    dimensions = (2,)

    def __init__(
        self, sigma: tuple[float, float] = (0.1, 1.0), rate: float = 0.5, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_range(0.1, 100, sigma=sigma)
        self.sigma = sigma

    def change(self, values: Any, draws: Draws) -> Any:
        return self.change_chosen(values, ops.ones(ops.shape(values)[:1], "bool"), draws)

    def change_chosen(self, values: Any, chosen: Any, draws: Draws) -> Any:
        height, width = values.shape[1:3]
        sigma = draws.uniform(1, 1, low=self.sigma[0], high=self.sigma[1])
        weights = {size: _weights(size, sigma, chosen) for size in {height, width}}
        # Both times along the first axis, after which the two change places.
        return _blur_and_swap(_blur_and_swap(values, weights[height]), weights[width])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sigma": self.sigma}


def _weights(size: int, sigma: Any, chosen: Any) -> Any:
    """What each pixel gets of the others along an axis, `(batch, size, size)`: of none where it is not chosen."""
    places = np.arange(size, dtype="float32")
    distances = ops.convert_to_tensor(np.square(places[:, None] - places))
    weights = ops.softmax(distances / (-2 * sigma**2), axis=-1)
    return ops.where(chosen[:, None, None], weights, np.eye(size, dtype="float32"))


def _blur_and_swap(images: Any, weights: Any) -> Any:
    height, width, channels = images.shape[1:]
    blurred = ops.matmul(weights, ops.reshape(images, (-1, height, width * channels)))
    return ops.transpose(ops.reshape(blurred, (-1, height, width, channels)), (0, 2, 1, 3))
