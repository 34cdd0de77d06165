"""Differences of smoothed copies."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.scale_space import difference_of_gaussians
from kerashar.features.correlation import Border
from kerashar.features.scale_space.scales import Scales


@keras.saving.register_keras_serializable(package="kerashar")
class DifferenceOfGaussians(Scales):
    """Splits each channel into bands of scale: what one Gaussian keeps and the next one drops.

    Use it for blobs and bumps of known size, without the level of the signal or the brightness of the image.

    Args:
        sigmas: standard deviations of the Gaussians, in samples or pixels, the smallest first. Defaults to 1, 2, 4, 8.
        mode: how the input goes on beyond its ends, as in `GaussianSmoothing`. Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`.

    Output shape:
        As the input, with `(sigmas - 1) * channels`: pair by pair, each over the channels.

    Raises:
        ValueError: fewer than two sigmas, an unknown mode, or what is not above 0.

    Example:
        >>> tuple(DifferenceOfGaussians((1, 2, 4))(np.ones((4, 128, 9), "float32")).shape)
        (4, 128, 18)

    Reference:
        Marr and Hildreth, "Theory of edge detection", 1980. Differences of `scipy.ndimage.gaussian_filter`.
    """

    def __init__(
        self,
        sigmas: Sequence[float] = (1.0, 2.0, 4.0, 8.0),
        mode: Border = "reflect",
        truncate: float = 4.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(sigmas, 2, mode, truncate, **kwargs)

    def filter(self, inputs: Any) -> Any:
        return ops.concatenate([fine - coarse for fine, coarse in pairwise(self.scales(inputs))], axis=-1)

    def reference(self) -> partial[np.ndarray]:
        return partial(difference_of_gaussians, sigmas=self.sigmas, mode=self.mode, truncate=self.truncate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else (len(self.sigmas) - 1) * channels)
