"""Signals from features, time step by time step."""

from typing import Any

import keras

from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.dense import Dense


@keras.saving.register_keras_serializable(package="kerashar")
class SignalDecoder(keras.layers.Layer):
    """Tells a signal from the features at each time step, by a network of one hidden layer.

    Use it beside a classifier, to see what its features keep: together with `PhysicsLoss` it makes training pay for
    acceleration or angular rate that they can't tell. It mixes no time, so it is causal.

    Args:
        signals: channels of the signal.
        hidden: units of the hidden layer. Defaults to 64.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, time, signals)`.

    Raises:
        ValueError: a size below 1.

    Example:
        >>> import numpy as np
        >>> tuple(SignalDecoder(6)(np.ones((2, 128, 32), "float32")).shape)
        (2, 128, 6)

    Reference:
        Le et al., "Supervised Autoencoders: Improving Generalization Performance with Unsupervised Regularizers",
        2018, for a decoder beside a classifier; theirs decodes from a bottleneck, ours from each time step.
    """

    def __init__(self, signals: int, hidden: int = 64, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(signals=signals, hidden=hidden)
        self.signals = signals
        self.hidden = hidden
        self.hidden_layer = Dense(hidden, activation="gelu", dtype=self.dtype_policy, name="hidden")
        self.output_layer = Dense(signals, dtype=self.dtype_policy, name="signals")
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.hidden_layer.build((None, known_channels(input_shape)))
        self.output_layer.build((None, self.hidden))

    def call(self, inputs: Any) -> Any:
        return self.output_layer(self.hidden_layer(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.signals)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "signals": self.signals, "hidden": self.hidden}
