"""Convolution over time that several variables share."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.conv1d import Conv1D


@keras.saving.register_keras_serializable(package="kerashar")
class SharedConv1D(Conv1D):
    """Convolves each variable, such as an axis of a sensor, over time by the same filters.

    Use it where patterns look alike on all variables and should not mix them yet: it has the weights of a `Conv1D`
    over one variable. A 2D convolution with a kernel of one variable computes the same.

    Args:
        **kwargs: those of `Conv1D`.

    Call arguments:
        inputs: signal, variables first.

    Input shape:
        `(batch, variables, time, channels)`; time may be `None`.

    Output shape:
        `(batch, variables, outputs, filters)`.

    Raises:
        ValueError: a size below 1, an unknown padding, or a window shorter than the filter with `"valid"`.

    Example:
        >>> import numpy as np
        >>> tuple(SharedConv1D(32, 5, padding="valid")(np.ones((2, 9, 128, 1), "float32")).shape)
        (2, 9, 124, 32)

    Reference:
        Yang et al., "Deep Convolutional Neural Networks on Multichannel Time Series for Human Activity Recognition",
        2015.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        batch, variables, time, channels = ops.shape(inputs)
        outputs = super().call(ops.reshape(inputs, (batch * variables, time, channels)))
        return ops.reshape(outputs, (batch, variables, -1, self.filters))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, variables, *signal = input_shape
        return (batch, variables, *super().compute_output_shape((batch, *signal))[1:])
