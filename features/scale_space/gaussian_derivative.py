"""Smooth derivatives."""

from functools import partial
from typing import Any

import keras
import numpy as np

from kerashar.features.arrays.scale_space import gaussian_derivative
from kerashar.features.checks import check_positive
from kerashar.features.correlation import Border
from kerashar.features.scale_space.gaussian_feature import GaussianFeature, check_order


@keras.saving.register_keras_serializable(package="kerashar")
class GaussianDerivative(GaussianFeature):
    """Takes the derivative along one axis of a smoothed signal or image.

    Use it for the slope (order 1) or the peaks and edges (order 2) of what is noisy.

    Args:
        sigma: standard deviation of the Gaussian, in samples or pixels, better not below 0.7. Defaults to 1.
        order: order of the derivative, from 1 to 3. Defaults to 1.
        axis: 1 for the time of signals or the height of images, 2 for the width of images. Defaults to 1.
        mode: how the input goes on beyond its ends, as in `GaussianSmoothing`. Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`.

    Output shape:
        As the input, in its unit per sample or pixel, to the power of the order.

    Raises:
        ValueError: an unknown mode, an order or axis out of range, what is not above 0, or axis 2 of a signal.

    Example:
        >>> print(GaussianDerivative(2.0).array(np.arange(99.0)[None, :, None])[0, 48:51, 0].round(2))
        [1. 1. 1.]

    Reference:
        Koenderink and van Doorn, "Representation of local geometry in the visual system", 1987. Equal to
        `scipy.ndimage.gaussian_filter` with that order; its sampled kernels are wrong where sigma is below 0.7.
    """

    def __init__(
        self,
        sigma: float = 1.0,
        order: int = 1,
        axis: int = 1,
        mode: Border = "reflect",
        truncate: float = 4.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(mode, truncate, **kwargs)
        check_positive(sigma=sigma)
        check_order(order, lowest=1)
        if axis not in (1, 2):
            raise ValueError(f"Expected axis 1 or 2. Received: axis={axis!r}.")
        self.sigma = sigma
        self.order = order
        self.axis = axis

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if self.axis >= len(input_shape):
            raise ValueError(f"Expected axis 1 for signals. Received: axis={self.axis}.")

    def filter(self, inputs: Any) -> Any:
        return self.smooth(inputs, self.sigma, self.order, self.axis)

    def reference(self) -> partial[np.ndarray]:
        return partial(
            gaussian_derivative,
            sigma=self.sigma,
            order=self.order,
            axis=self.axis,
            mode=self.mode,
            truncate=self.truncate,
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sigma": self.sigma, "order": self.order, "axis": self.axis}
