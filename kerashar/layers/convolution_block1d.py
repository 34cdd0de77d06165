"""Convolution over time with normalisation and activation."""

from typing import Any

import keras

from kerashar.layers.choices import Activation, Normalization, activation_layer, check_choices, normalization_layer
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class ConvolutionBlock1D(QuickLayer):
    """Convolves all channels over time, normalises, and activates.

    Use it as a stage of a stem that shortens the window for recurrent layers or attention.

    Args:
        filters: channels that come out.
        kernel_size: number of taps.
        strides: step between outputs, in samples. Defaults to 1.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.

    Call arguments:
        inputs: signal.
        training: whether batch normalisation learns.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, ceil(time / strides), filters)`.

    Raises:
        ValueError: a size below 1, or an unknown name.

    Example:
        >>> import numpy as np
        >>> tuple(ConvolutionBlock1D(32, 5, strides=2, activation="gelu")(np.ones((2, 128, 9), "float32")).shape)
        (2, 64, 32)

    Reference:
        Ioffe and Szegedy, "Batch Normalization", 2015, for the order of the three.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choices(normalization, activation)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        policy = self.dtype_policy
        # No bias: the normalisation has one.
        self.convolution = Conv1D(
            filters,
            kernel_size,
            strides,
            use_bias=False,
            kernel_initializer="he_normal",
            dtype=policy,
            name="convolution",
        )
        self.norm = normalization_layer(normalization, filters, dtype=policy, name="norm")
        self.activate = activation_layer(activation, dtype=policy, name="activation")

    @property
    def span(self) -> int:
        """Samples that reach one output."""
        return self.convolution.span

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.convolution.build(input_shape)
        for part in (self.norm, self.activate):
            part.build(self.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.activate(self.norm(self.convolution(inputs), training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self.convolution.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "normalization": self.normalization,
            "activation": self.activation,
        }
