"""Squeeze-and-excitation."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_sizes, known_channels


@keras.saving.register_keras_serializable(package="kerashar")
class SqueezeExcite(keras.layers.Layer):
    """Weights each channel by a gate computed from the mean of all channels over the window.

    Use it at the end of a residual branch, so that the network can switch channels (a still axis, say) on and off
    for each window. It sees the whole window, unless it is causal: then the mean at each time step runs over the
    samples so far, and so does the gate.

    Args:
        reduction: how many times narrower the hidden layer is than the signal; it has at least one unit, so the
            signal may have fewer channels than the reduction. Defaults to 8.
        causal: whether a time step's gate depends on its own and earlier samples only. Defaults to False.

    Call arguments:
        inputs: signal or image.

    Input shape:
        `(batch, ..., channels)` with at least one axis between, such as `(batch, time, channels)`; just this one
        if causal.

    Output shape:
        As the input.

    Raises:
        ValueError: a reduction below 1, or an input without an axis to average over; an image if causal.

    Example:
        >>> import numpy as np
        >>> tuple(SqueezeExcite(reduction=4)(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 9)

    Reference:
        Hu et al., "Squeeze-and-Excitation Networks", 2018, with a reduction of 16. The causal form is ours.
    """

    def __init__(self, reduction: int = 8, causal: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(reduction=reduction)
        self.reduction = reduction
        self.causal = causal
        self.input_spec = keras.layers.InputSpec(ndim=3) if causal else keras.layers.InputSpec(min_ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        # Sub-layers are built here, not in __init__, because their width follows from the signal's.
        self.squeeze = keras.layers.Dense(
            max(1, channels // self.reduction), activation="relu", dtype=self.dtype_policy, name="squeeze"
        )
        self.excite = keras.layers.Dense(channels, activation="sigmoid", dtype=self.dtype_policy, name="excite")
        self.squeeze.build((None, channels))
        self.excite.build((None, self.squeeze.units))

    def call(self, inputs: Any) -> Any:
        between = tuple(range(1, len(inputs.shape) - 1))
        mean = self._running_mean(inputs) if self.causal else ops.mean(inputs, axis=between, keepdims=True)
        return inputs * self.excite(self.squeeze(mean))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reduction": self.reduction, "causal": self.causal}

    def _running_mean(self, inputs: Any) -> Any:
        # Summed in float32: after a thousand samples a float16 sum no longer grows.
        sums = ops.cumsum(ops.cast(inputs, "float32"), axis=1)
        counts = ops.arange(1, ops.shape(inputs)[1] + 1, dtype="float32")
        return ops.cast(sums / counts[:, None], inputs.dtype)  # (batch, time, channels)
