"""Pooling of a whole window."""

from typing import Any, Literal, get_args

import keras
from keras import ops

from kerashar.layers.checks import check_choice, check_memory, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.quick_layer import QuickLayer

Pooling = Literal["average", "max", "average_max", "attention", "last"]


@keras.saving.register_keras_serializable(package="kerashar")
class GlobalPooling1D(QuickLayer):
    """Turns the features of all time steps into one vector.

    Use it between a convolutional trunk and its head, and let a search choose the kind.

    Args:
        kind: `"average"`; `"max"`; `"average_max"`, both side by side; `"attention"`, a mean weighted by a learned
            score of each time step; `"last"`, the last time step, which in a causal model has seen all the others.
            Defaults to `"average"`.
        memory: how many of the last time steps are pooled, so that in a long stream the pool forgets; `None` for all.
            Defaults to `None`.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, channels)`; twice the channels with `"average_max"`.

    Raises:
        ValueError: an unknown kind, or a memory below 1.

    Example:
        >>> import numpy as np
        >>> tuple(GlobalPooling1D("average_max")(np.ones((2, 128, 9), "float32")).shape)
        (2, 18)

    Reference:
        Lin et al., "Network in Network", 2014 (average); Ilse et al., "Attention-based Deep Multiple Instance
        Learning", 2018, score by two layers where this has one.
    """

    def __init__(self, kind: Pooling = "average", memory: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("kind of pooling", kind, get_args(Pooling))
        check_memory(memory, causal=True)
        self.kind: Pooling = kind
        self.memory = memory
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if self.kind == "attention":
            self.score = Dense(1, use_bias=False, dtype=self.dtype_policy, name="score")
            self.score.build((None, known_channels(input_shape)))

    def call(self, inputs: Any) -> Any:
        if self.memory is not None:
            inputs = inputs[:, -self.memory :]
        if self.kind == "average":
            return ops.mean(inputs, axis=1)
        if self.kind == "max":
            return ops.max(inputs, axis=1)
        if self.kind == "average_max":
            return ops.concatenate([ops.mean(inputs, axis=1), ops.max(inputs, axis=1)], axis=-1)
        if self.kind == "last":
            return inputs[:, -1]
        # Not ops.softmax: it warns where the window is a single sample, whose weight is 1 as it should be.
        scores = self.score(inputs)  # (batch, time, 1)
        weights = ops.exp(scores - ops.max(scores, axis=1, keepdims=True))
        return ops.sum(weights * inputs, axis=1) / ops.sum(weights, axis=1)

    def stream(self, program: Any, inputs: Any) -> Any:
        if self.kind == "last":
            return inputs
        if self.kind == "average_max":
            return program.concatenate([program.pool(inputs, kind, self.memory) for kind in ("average", "max")])
        score = program.apply(self.score, inputs) if self.kind == "attention" else None
        return program.pool(inputs, self.kind, self.memory, score)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, _, channels = input_shape
        return (batch, 2 * channels if channels and self.kind == "average_max" else channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind, "memory": self.memory}
