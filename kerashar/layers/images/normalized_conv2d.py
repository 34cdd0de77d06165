"""Convolution of mobile networks, with batch normalisation and activation."""

from typing import Any

import keras

from kerashar.layers.activation import Activation
from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.checks import check_sizes
from kerashar.layers.dense import Dense
from kerashar.layers.images.depthwise_conv2d import DepthwiseConv2D
from kerashar.layers.images.padded_conv2d import PaddedConv2D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class NormalizedConv2D(QuickLayer):
    """Convolves an image, over all channels or each apart, normalises, and activates.

    Use it where weights of PyTorch's mobile networks have to fit: it pads each edge by half a kernel. A kernel of one
    pixel is a product, and one for each channel takes the fast path of `DepthwiseConv2D`.

    Args:
        filters: channels that come out, or `None` for a filter for each channel.
        kernel_size: height and width of the kernels. Defaults to 1.
        strides: step between outputs, in pixels. Defaults to 1.
        activation: name of one of Keras, or `None` where a sum follows. Defaults to `None`.

    Call arguments:
        inputs: image.
        training: whether the normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Raises:
        ValueError: a size below 1, an even kernel, an unknown activation, or strides with a kernel of one pixel.

    Example:
        >>> import numpy as np
        >>> tuple(NormalizedConv2D(16, 3, strides=2)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 16)

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019.
    """

    def __init__(
        self,
        filters: int | None,
        kernel_size: int = 1,
        strides: int = 1,
        activation: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=1 if filters is None else filters, kernel_size=kernel_size, strides=strides)
        if kernel_size % 2 == 0:
            raise ValueError(f"Expected an odd kernel_size. Received: kernel_size={kernel_size}.")
        if kernel_size == 1 and strides > 1:
            raise ValueError(f"Expected strides=1 with kernel_size=1. Received: strides={strides}.")
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.activation = activation
        settings = {
            "use_bias": False,  # the normalisation has one
            "kernel_initializer": "he_normal",
            "dtype": self.dtype_policy,
            "name": "convolution",
        }
        self.convolution: keras.layers.Layer
        if filters is None:
            self.convolution = DepthwiseConv2D(kernel_size, strides, **settings)
        elif kernel_size == 1:
            self.convolution = Dense(filters, **settings)
        else:
            self.convolution = PaddedConv2D(filters, kernel_size, strides, **settings)
        self.norm = BatchNormalization(dtype=self.dtype_policy, name="norm")
        self.activate = Activation(activation, dtype=self.dtype_policy, name="activation")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.convolution.build(input_shape)
        self.norm.build(self.compute_output_shape(input_shape))

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
            "activation": self.activation,
        }
