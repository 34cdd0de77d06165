"""Normalisation of a signal's channels."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

_PART = 1024  # samples looked at together: all of them in float64 may not fit into memory


@keras.saving.register_keras_serializable(package="kerashar")
class SignalNormalization(keras.layers.Layer):
    """Brings each channel to mean 0 and standard deviation 1, by figures fitted on training windows.

    Use it as a model's first layer: the saved model then takes raw physical units. Unlike
    `keras.layers.Normalization` its figures are weights, so checkpoints and other backends restore them, and it can
    be fitted after the model was compiled.

    Call arguments:
        inputs: signal in the units it was fitted in; normalised values if `inverse`.
        inverse: whether normalised values are turned back into those units. Defaults to False.
        channels: which of the fitted channels the input holds, by number; `None` for all. Defaults to `None`.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: `fit` on windows that hold NaN or infinity, are empty, or have other channels.

    Example:
        >>> import numpy as np
        >>> windows = np.random.default_rng(0).normal(9.81, 2.0, (64, 128, 3)).astype("float32")
        >>> layer = SignalNormalization()
        >>> layer.fit(windows)
        >>> abs(float(keras.ops.mean(layer(windows)))) < 1e-4
        True
    """

    samples = "windows (n, time, {channels})"  # what `fit` expects, in words

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = (input_shape[-1],)
        self.mean = self.add_weight(shape=channels, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=channels, initializer="ones", trainable=False, name="deviation")

    def fit(self, windows: np.ndarray) -> None:
        """Take mean and standard deviation of each channel from `windows` `(n, time, channels)`.

        A channel that never changes keeps a deviation of 1: it is centred and not blown up.
        """
        if not self.built:
            self.build(windows.shape)
        channels = self.mean.shape[0]
        expected = self.samples.format(channels=channels)
        if windows.ndim != expected.count(",") + 1 or windows.shape[-1] != channels or not len(windows):
            raise ValueError(f"Expected {expected}, n > 0. Received: shape={windows.shape}.")
        if not all(np.isfinite(part).all() for part in _parts(windows)):
            kind = expected.split()[0]
            raise ValueError(f"Expected finite {kind}. Received: NaN or infinity; drop or repair those {kind} first.")
        axes = tuple(range(windows.ndim - 1))
        count = windows[..., 0].size
        mean = np.sum([part.sum(axis=axes, dtype=np.float64) for part in _parts(windows)], axis=0) / count
        squares = np.sum([np.square(part - mean).sum(axis=axes) for part in _parts(windows)], axis=0)
        deviation = np.sqrt(squares / count)
        self.mean.assign(mean.astype("float32"))
        # Below this share of the mean a float32 signal is constant up to rounding.
        constant = deviation <= 1e-6 * np.maximum(np.abs(mean), 1e-6)
        self.deviation.assign(np.where(constant, 1.0, deviation).astype("float32"))

    def call(self, inputs: Any, inverse: bool = False, channels: Sequence[int] | None = None) -> Any:
        mean, deviation = ops.cast(self.mean, inputs.dtype), ops.cast(self.deviation, inputs.dtype)
        if channels is not None:
            mean, deviation = ops.take(mean, channels), ops.take(deviation, channels)
        return inputs * deviation + mean if inverse else (inputs - mean) / deviation

    def stream(self, program: Any, inputs: Any) -> Any:
        return program.affine(inputs, shift=self.mean, scale=1 / ops.convert_to_numpy(self.deviation))

    def inverse(self, normalised: Any, channels: Sequence[int] | None = None) -> Any:
        """Turn normalised values `(batch, time, channels)` back into physical units."""
        return self(normalised, inverse=True, channels=channels)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape


def _parts(windows: np.ndarray) -> Iterator[np.ndarray]:
    return (windows[start : start + _PART] for start in range(0, len(windows), _PART))
