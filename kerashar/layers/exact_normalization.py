"""Normalisation that is the same to the last bit on every backend and in every export."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.signal_normalization import SignalNormalization

_LOWEST = float(np.finfo("float32").min)


@keras.saving.register_keras_serializable(package="kerashar")
class ExactNormalization(SignalNormalization):
    """A `SignalNormalization` that multiplies where that one divides.

    Use it ahead of layers that compare or count, such as `MiniRocketFeatures`: there the last bit can change a
    feature. XLA divides by way of a reciprocal that it rounds, the other backends do not; a product of two numbers
    is the same everywhere.

    Call arguments:
        inputs: signal in the units it was fitted in.
        inverse, channels: as those of `SignalNormalization`.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: `fit` on windows that hold NaN or infinity, are empty, or have other channels.

    Example:
        >>> windows = np.array([[[1.0], [5.0]]], "float32")
        >>> layer = ExactNormalization()
        >>> layer.fit(windows)
        >>> ops.convert_to_numpy(layer(windows)).tolist()
        [[[-1.0], [1.0]]]
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", trainable=False, name="scale")

    def fit(self, windows: np.ndarray) -> None:
        """Take mean and standard deviation of each channel from `windows` `(n, time, channels)`."""
        super().fit(windows)
        self.scale.assign(1 / ops.convert_to_numpy(self.deviation))

    def call(self, inputs: Any, inverse: bool = False, channels: Sequence[int] | None = None) -> Any:
        if inverse or channels is not None:
            return super().call(inputs, inverse, channels)
        # The comparison changes nothing. Without it OpenVINO makes a product and a sum of this, which round otherwise.
        centred = ops.maximum(inputs - ops.cast(self.mean, inputs.dtype), _LOWEST)
        return centred * ops.cast(self.scale, inputs.dtype)
