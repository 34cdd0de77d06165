"""Correlations of channels."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.statistical import channel_correlations
from kerashar.features.feature import Feature
from kerashar.features.safe_math import centred, safe_divide, safe_sqrt, scaled


@keras.saving.register_keras_serializable(package="kerashar")
class ChannelCorrelations(Feature):
    """Correlates each channel with each other one over time.

    Use it for movements that axes or sensors make together, such as an arm that swings against a leg.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least 2 channels.

    Output shape:
        `(batch, channels * (channels - 1) / 2)`: the first channel with the second, third and so on, then the second
        with the third and so on. A constant channel gives 0.

    Raises:
        ValueError: windows of a single channel.

    Example:
        >>> ChannelCorrelations().array(np.array([[[1.0, 3.0, 0.0], [2.0, 1.0, 0.0]]])).tolist()
        [[-1.0, 0.0, 0.0]]

    Reference:
        Pearson's coefficient, equal to `numpy.corrcoef`, which gives NaN for constant channels.
    """

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if input_shape[-1] < 2:
            raise ValueError(f"Expected windows of at least 2 channels. Received: channels={input_shape[-1]}.")

    def extract(self, inputs: Any) -> Any:
        deviations = scaled(centred(inputs))
        unit = safe_divide(deviations, safe_sqrt(ops.sum(ops.square(deviations), axis=1, keepdims=True)))
        first, second = np.triu_indices(inputs.shape[-1], k=1)
        return ops.sum(ops.take(unit, first, axis=-1) * ops.take(unit, second, axis=-1), axis=1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return channel_correlations

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, _, channels = input_shape
        return (batch, None if channels is None else channels * (channels - 1) // 2)
