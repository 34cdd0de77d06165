"""Convolution over images with normalisation and activation."""

from typing import Any

import keras

from kerashar.layers.checks import check_sizes
from kerashar.layers.choices import Activation, Normalization, activation_layer, check_choices, normalization_layer
from kerashar.layers.images.conv2d import Conv2D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class ConvolutionBlock2D(QuickLayer):
    """Convolves an image, normalises, and activates.

    Use it as the unit of a convolutional network.

    Args:
        filters: channels that come out.
        kernel_size: height and width of the kernels. Defaults to 3.
        strides: step between outputs, in pixels. Defaults to 1.
        dilation_rate: distance between taps, in pixels; 1 with strides. Defaults to 1.
        groups: groups of channels that are convolved apart; they divide the channels and the filters. Defaults to 1.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`, or `None` where a sum follows. Defaults
            to `"relu"`.

    Call arguments:
        inputs: image.
        training: whether batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Raises:
        ValueError: a size below 1, an unknown name, groups that don't divide, or strides together with dilation.

    Example:
        >>> import numpy as np
        >>> tuple(ConvolutionBlock2D(16, 7, strides=2)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 16)

    Reference:
        Ioffe and Szegedy, "Batch Normalization", 2015, for the order of the three.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        dilation_rate: int = 1,
        groups: int = 1,
        normalization: Normalization = "batch",
        activation: Activation | None = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        sizes = {"kernel_size": kernel_size, "strides": strides, "dilation_rate": dilation_rate, "groups": groups}
        check_sizes(filters=filters, **sizes)
        check_choices(normalization, activation or "relu")
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.groups = groups
        self.normalization: Normalization = normalization
        self.activation: Activation | None = activation
        policy = self.dtype_policy
        # No bias: the normalisation has one.
        self.convolution = Conv2D(
            filters, use_bias=False, kernel_initializer="he_normal", dtype=policy, name="convolution", **sizes
        )
        self.norm = normalization_layer(normalization, filters, dtype=policy, name="norm")
        self.activate = None
        if activation is not None:
            self.activate = activation_layer(activation, axes=2, dtype=policy, name="activation")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.convolution.build(input_shape)
        for part in (self.norm, self.activate):
            if part is not None:
                part.build(self.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = self.norm(self.convolution(inputs), training=training)
        return outputs if self.activate is None else self.activate(outputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self.convolution.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "normalization": self.normalization,
            "activation": self.activation,
        }
