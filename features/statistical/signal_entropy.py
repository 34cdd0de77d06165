"""Entropy of the values of each channel."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.statistical import signal_entropy
from kerashar.features.channel_values import ChannelValues
from kerashar.features.safe_math import safe_divide
from kerashar.layers.checks import check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class SignalEntropy(ChannelValues):
    """Tells how evenly the values of each channel spread between its own minimum and maximum.

    Use it to tell a signal that rests but for a few peaks from one that moves all the time. It has no gradient.

    Args:
        bins: number of equally wide bins. Defaults to 16.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, channels)`, in nats, from 0 for a constant channel to log(bins).

    Raises:
        ValueError: a number of bins below 1.

    Example:
        >>> round(float(SignalEntropy(2)(np.array([[[0.0], [0.0], [1.0], [1.0]]]))[0, 0]), 4)
        0.6931

    Reference:
        Shannon, "A mathematical theory of communication", 1948, of the histogram: `scipy.stats.entropy` of
        `numpy.histogram`.
    """

    def __init__(self, bins: int = 16, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(bins=bins)
        self.bins = bins

    def extract(self, inputs: Any) -> Any:
        lowest = ops.min(inputs, axis=1, keepdims=True)
        share = safe_divide(inputs - lowest, ops.max(inputs, axis=1, keepdims=True) - lowest)
        labels = ops.minimum(ops.floor(share * self.bins), self.bins - 1)  # the maximum belongs to the last bin
        counts = ops.stack([ops.mean(ops.cast(labels == label, "float32"), axis=1) for label in range(self.bins)])
        return -ops.sum(counts * ops.log(ops.where(counts > 0, counts, 1.0)), axis=0)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(signal_entropy, bins=self.bins)

    def values_per_channel(self) -> int:
        return 1

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bins": self.bins}
