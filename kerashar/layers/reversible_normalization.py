"""Normalisation of each window by itself."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels

_EPSILON = 1e-5  # added to the variance, as in the paper


@keras.saving.register_keras_serializable(package="kerashar")
class ReversibleNormalization(keras.layers.Layer):
    """Brings each channel of each window to mean 0 and standard deviation 1 over time.

    Use it where the level and scale of a channel differ between people or devices and mean nothing. In activity
    recognition they often mean something: the mean of acceleration is gravity, which tells sitting from lying. It
    sees the whole window, so it is not causal.

    Args:
        affine: whether each channel is then scaled and shifted by learned weights. Defaults to True.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: an unknown number of channels.

    Example:
        >>> import numpy as np
        >>> window = np.random.default_rng(0).normal(9.81, 2.0, (1, 128, 3)).astype("float32")
        >>> layer = ReversibleNormalization()
        >>> outputs = layer(window)
        >>> restored = keras.ops.convert_to_numpy(layer.inverse(outputs, window))
        >>> round(float(keras.ops.convert_to_numpy(outputs).std()), 3), np.allclose(restored, window, atol=1e-4)
        (1.0, True)

    Reference:
        Kim et al., "Reversible Instance Normalization for Accurate Time-Series Forecasting against Distribution
        Shift", 2022. Ours keeps no window between the call and its inverse.
    """

    def __init__(self, affine: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.affine = affine
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if self.affine:
            channels = (known_channels(input_shape),)
            self.scale = self.add_weight(shape=channels, initializer="ones", name="scale")
            self.shift = self.add_weight(shape=channels, initializer="zeros", name="shift")

    def call(self, inputs: Any) -> Any:
        mean, deviation = self._statistics(inputs)
        outputs = (inputs - mean) / deviation
        return outputs * self.scale + self.shift if self.affine else outputs

    def inverse(self, normalised: Any, window: Any) -> Any:
        """Bring values `(batch, time, channels)`, such as a forecast, to the level and scale of their `window`."""
        mean, deviation = self._statistics(ops.convert_to_tensor(window))
        if self.affine:
            normalised = (normalised - self.shift) / self.scale
        return normalised * deviation + mean

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "affine": self.affine}

    def _statistics(self, window: Any) -> tuple[Any, Any]:
        """Mean and standard deviation over time, as constants: no gradient passes through them, as in the paper."""
        mean = ops.mean(window, axis=1, keepdims=True)
        deviation = ops.sqrt(ops.var(window, axis=1, keepdims=True) + _EPSILON)
        return ops.stop_gradient(mean), ops.stop_gradient(deviation)
