"""What features of the Gaussian scale space share."""

from typing import Any

import numpy as np
from scipy import ndimage

from kerashar.features.checks import check_positive
from kerashar.features.correlation import BORDERS, Border, correlate_axis
from kerashar.features.linear_feature import LinearFeature
from kerashar.layers.checks import check_choice


class GaussianFeature(LinearFeature):
    """Smooths signals and images by Gaussians.

    Use it as the base of such a feature.

    Args:
        mode: how the input goes on beyond its ends, as in `scipy.ndimage`: `"reflect"` (d c b a | a b c d),
            `"nearest"`, `"mirror"` (d c b | a b c d), `"wrap"`, or `"constant"` (by zeros). Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Raises:
        ValueError: an unknown mode, or what is not above 0.
    """

    dimensions = (1, 2)
    band_by_band = True

    def __init__(self, mode: Border = "reflect", truncate: float = 4.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("mode", mode, BORDERS)
        check_positive(truncate=truncate)
        self.mode: Border = mode
        self.truncate = truncate

    def smooth(self, inputs: Any, sigma: float, order: int = 0, axis: int | None = None, strides: int = 1) -> Any:
        """Smooth along all axes, and take the derivative along one of them or all."""
        for each in range(1, len(inputs.shape) - 1):
            kernel = gaussian_kernel(sigma, order if axis in (None, each) else 0, self.truncate)
            inputs = correlate_axis(inputs, kernel, each, self.mode, strides)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode, "truncate": self.truncate}


def gaussian_kernel(sigma: float, order: int, truncate: float) -> np.ndarray:
    """The taps by which SciPy correlates, as its answer to an impulse."""
    reach = int(truncate * sigma + 0.5)
    impulse = np.zeros(2 * reach + 1)
    impulse[reach] = 1
    return ndimage.gaussian_filter1d(impulse, sigma, order=order, mode="constant", truncate=truncate)[::-1]


def check_order(order: int, lowest: int) -> None:
    """Refuse derivatives that are not whole numbers from `lowest` to 3: farther ones are rounding noise in float32."""
    if order not in range(lowest, 4):
        raise ValueError(f"Expected order to be a whole number from {lowest} to 3. Received: order={order!r}.")
