"""Autocorrelation."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.statistical import autocorrelation
from kerashar.features.channel_values import ChannelValues
from kerashar.features.checks import check_samples
from kerashar.features.safe_math import centred, safe_divide, scaled
from kerashar.layers.checks import check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class Autocorrelation(ChannelValues):
    """Tells how far each channel repeats itself after a number of samples.

    Use it for the regularity of a rhythm whose period is roughly known, such as steps.

    Args:
        lags: distances in samples, of at least 1. Defaults to 1, 2, 4, 8, 16 and 32.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of more samples than the largest lag.

    Output shape:
        `(batch, lags * channels)`: lag by lag, each over the channels, from -1 to 1. A constant channel gives 0.

    Raises:
        ValueError: no lags, lags below 1, or windows that are not longer than the largest one.

    Example:
        >>> Autocorrelation((1, 2)).array(np.array([[[1.0], [-1.0], [1.0], [-1.0]]])).tolist()
        [[-0.75, 0.5]]

    Reference:
        The products of the deviations from the mean, over the sum of their squares; far lags have fewer products, and
        come out smaller, as in Box and Jenkins, "Time series analysis", 1970.
    """

    def __init__(self, lags: Sequence[int] = (1, 2, 4, 8, 16, 32), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not lags:
            raise ValueError(f"Expected at least one lag, in samples. Received: lags={lags!r}.")
        for lag in lags:
            check_sizes(lag=lag)
        self.lags = tuple(lags)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, max(self.lags) + 1)

    def extract(self, inputs: Any) -> Any:
        deviations = scaled(centred(inputs))
        power = ops.sum(ops.square(deviations), axis=1)
        products = [ops.sum(deviations[:, lag:] * deviations[:, :-lag], axis=1) for lag in self.lags]
        return ops.concatenate([safe_divide(product, power) for product in products], axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(autocorrelation, lags=self.lags)

    def values_per_channel(self) -> int:
        return len(self.lags)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "lags": self.lags}
