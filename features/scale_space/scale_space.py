"""Gaussian scale space."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.scale_space import scale_space
from kerashar.features.correlation import Border
from kerashar.features.scale_space.gaussian_feature import check_order
from kerashar.features.scale_space.scales import Scales


@keras.saving.register_keras_serializable(package="kerashar")
class ScaleSpace(Scales):
    """Gives a copy of each channel at each of several degrees of smoothness.

    Use it to show a model details and trends side by side, at the same time.

    Args:
        sigmas: standard deviations of the Gaussians, in samples or pixels. Defaults to 1, 2, 4 and 8.
        order: order of the derivative to take along all axes, from 0 to 3. Defaults to 0, none.
        mode: how the input goes on beyond its ends, as in `GaussianSmoothing`. Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`.

    Output shape:
        As the input, with `sigmas * channels`: sigma by sigma, each over the channels.

    Raises:
        ValueError: no sigmas, an unknown mode, an order out of range, or what is not above 0.

    Example:
        >>> tuple(ScaleSpace((1, 4))(np.ones((4, 128, 9), "float32")).shape)
        (4, 128, 18)

    Reference:
        Witkin, "Scale-space filtering", 1983. Each copy equals `scipy.ndimage.gaussian_filter`'s; derivatives are not
        multiplied by powers of sigma.
    """

    def __init__(
        self,
        sigmas: Sequence[float] = (1.0, 2.0, 4.0, 8.0),
        order: int = 0,
        mode: Border = "reflect",
        truncate: float = 4.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(sigmas, 1, mode, truncate, **kwargs)
        check_order(order, lowest=0)
        self.order = order

    def filter(self, inputs: Any) -> Any:
        return ops.concatenate(self.scales(inputs, self.order), axis=-1)

    def reference(self) -> partial[np.ndarray]:
        return partial(scale_space, sigmas=self.sigmas, order=self.order, mode=self.mode, truncate=self.truncate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else len(self.sigmas) * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "order": self.order}
