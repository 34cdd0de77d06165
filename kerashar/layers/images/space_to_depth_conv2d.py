"""Convolution that halves an image without strides."""

from typing import Any

import keras

from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images.convolution_block2d import ConvolutionBlock2D
from kerashar.layers.images.space_to_depth import SpaceToDepth
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class SpaceToDepthConv2D(QuickLayer):
    """Turns squares of pixels into channels, convolves them, normalises, and activates.

    Use it where a strided convolution or a pooling would lose what small images have little of: all pixels reach the
    kernels.

    Args:
        filters: channels that come out.
        kernel_size: height and width of the kernels, in squares. Defaults to 3.
        block_size: side of the squares. Defaults to 2.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.

    Call arguments:
        inputs: image.
        training: whether batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`, with sides that are multiples of `block_size`.

    Output shape:
        `(batch, height / block_size, width / block_size, filters)`.

    Raises:
        ValueError: a size below 1, an unknown name, or sides that the block doesn't divide.

    Example:
        >>> import numpy as np
        >>> tuple(SpaceToDepthConv2D(64)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 64)

    Reference:
        Sunkara and Luo, "No More Strided Convolutions or Pooling: A New CNN Building Block for Low-Resolution Images
        and Small Objects", 2022.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        block_size: int = 2,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.block_size = block_size
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        policy = self.dtype_policy
        self.space_to_depth = SpaceToDepth(block_size, dtype=policy, name="space_to_depth")
        self.convolution = ConvolutionBlock2D(
            filters,
            kernel_size,
            normalization=normalization,
            activation=activation,
            dtype=policy,
            name="convolution",
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.space_to_depth.build(input_shape)
        self.convolution.build(self.space_to_depth.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.convolution(self.space_to_depth(inputs), training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self.convolution.compute_output_shape(self.space_to_depth.compute_output_shape(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "block_size": self.block_size,
            "normalization": self.normalization,
            "activation": self.activation,
        }
