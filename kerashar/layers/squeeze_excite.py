"""Squeeze-and-excitation."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_memory, check_sizes, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.running_mean import running_mean


@keras.saving.register_keras_serializable(package="kerashar")
class SqueezeExcite(QuickLayer):
    """Weights each channel by a gate computed from the mean of all channels over the window.

    Use it at the end of a residual branch, so that the network can switch channels (a still axis, say) on and off
    for each window. It sees the whole window, unless it is causal: then the mean at each time step runs over the
    samples so far, or over the last `memory` of them, and so does the gate.

    Args:
        reduction: how many times narrower the hidden layer is than the signal; it has at least one unit, so the
            signal may have fewer channels than the reduction. Defaults to 8.
        causal: whether a time step's gate depends on its own and earlier samples only. Defaults to False.
        memory: samples that a causal gate looks back, so that in a long stream it forgets; `None` for all so far.
            Defaults to `None`.

    Call arguments:
        inputs: signal or image.

    Input shape:
        `(batch, ..., channels)` with at least one axis between, such as `(batch, time, channels)`; just this one
        if causal.

    Output shape:
        As the input.

    Raises:
        ValueError: a reduction or memory below 1, a memory without `causal`, or an input without an axis to average
            over; an image if causal.

    Example:
        >>> import numpy as np
        >>> tuple(SqueezeExcite(reduction=4)(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 9)

    Reference:
        Hu et al., "Squeeze-and-Excitation Networks", 2018, with a reduction of 16. The causal form is ours.
    """

    def __init__(self, reduction: int = 8, causal: bool = False, memory: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(reduction=reduction)
        check_memory(memory, causal)
        self.reduction = reduction
        self.causal = causal
        self.memory = memory
        self.input_spec = keras.layers.InputSpec(ndim=3) if causal else keras.layers.InputSpec(min_ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        # Sub-layers are built here, not in __init__, because their width follows from the signal's.
        self.squeeze = Dense(
            max(1, channels // self.reduction), activation="relu", dtype=self.dtype_policy, name="squeeze"
        )
        self.excite = Dense(channels, activation="sigmoid", dtype=self.dtype_policy, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, self.squeeze.units))

    def call(self, inputs: Any) -> Any:
        between = tuple(range(1, len(inputs.shape) - 1))
        mean = running_mean(inputs, self.memory) if self.causal else ops.mean(inputs, axis=between, keepdims=True)
        return inputs * self.excite(self.squeeze(mean))

    def stream(self, program: Any, inputs: Any) -> Any:
        if not self.causal:
            raise ValueError("has a gate that sees the whole window (causal=False)")
        mean = program.pool(inputs, "average", self.memory)
        return program.multiply(inputs, program.apply(self.excite, program.apply(self.squeeze, mean)))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reduction": self.reduction, "causal": self.causal, "memory": self.memory}
