"""Smoothing."""

from functools import partial
from typing import Any

import keras
import numpy as np

from kerashar.features.arrays.scale_space import gaussian_smoothing
from kerashar.features.checks import check_positive
from kerashar.features.correlation import Border
from kerashar.features.scale_space.gaussian_feature import GaussianFeature


@keras.saving.register_keras_serializable(package="kerashar")
class GaussianSmoothing(GaussianFeature):
    """Smooths a signal over time, or an image over height and width.

    Use it against noise, without a delay.

    Args:
        sigma: standard deviation of the Gaussian, in samples or pixels. A signal of r Hz loses half of its power at
            about 0.13 r / sigma Hz. Defaults to 1.
        mode: how the input goes on beyond its ends, as in `scipy.ndimage`: `"reflect"` (d c b a | a b c d),
            `"nearest"`, `"mirror"` (d c b | a b c d), `"wrap"`, or `"constant"` (by zeros). Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: an unknown mode, or what is not above 0.

    Example:
        >>> print(GaussianSmoothing(0.5).array(np.array([[[0.0], [1.0], [0.0]]])).round(2).ravel())
        [0.11 0.79 0.11]

    Reference:
        Witkin, "Scale-space filtering", 1983. Equal to `scipy.ndimage.gaussian_filter`.
    """

    def __init__(self, sigma: float = 1.0, mode: Border = "reflect", truncate: float = 4.0, **kwargs: Any) -> None:
        super().__init__(mode, truncate, **kwargs)
        check_positive(sigma=sigma)
        self.sigma = sigma

    def filter(self, inputs: Any) -> Any:
        return self.smooth(inputs, self.sigma)

    def reference(self) -> partial[np.ndarray]:
        return partial(gaussian_smoothing, sigma=self.sigma, mode=self.mode, truncate=self.truncate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sigma": self.sigma}
