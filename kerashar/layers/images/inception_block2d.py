"""Inception block over images."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images.convolution_block2d import ConvolutionBlock2D
from kerashar.layers.images.max_pooling2d import MaxPooling2D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class InceptionBlock2D(QuickLayer):
    """Looks at an image through kernels of 1x1, 3x3 and 5x5 and through a max pooling, side by side.

    Use it where what matters comes in several sizes. The 5x5 is two convolutions of 3x3. A 1x1 narrows the image to a
    quarter of the filters ahead of the larger kernels; each branch gives a quarter.

    Args:
        filters: channels that come out, a multiple of 4.
        normalization: `"batch"`, `"layer"` or `"group"`, after each convolution. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`, likewise. Defaults to `"relu"`.

    Call arguments:
        inputs: image.
        training: whether batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, height, width, filters)`: the branches of 1x1, 3x3, 5x5, and pooling, in this order.

    Raises:
        ValueError: filters that are no multiple of 4, or an unknown name.

    Example:
        >>> import numpy as np
        >>> tuple(InceptionBlock2D(64)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 32, 48, 64)

    Reference:
        Szegedy et al., "Going Deeper with Convolutions", 2015, and "Rethinking the Inception Architecture for Computer
        Vision", 2016, for two 3x3. Theirs give the branches widths of their own.
    """

    def __init__(
        self,
        filters: int,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if filters < 4 or filters % 4:
            raise ValueError(f"Expected filters to be a multiple of 4. Received: filters={filters}.")
        self.filters = filters
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        self.pool = MaxPooling2D(3, 1, "same", dtype=self.dtype_policy, name="pool")
        self.point = self._branch("point", 1)
        self.square = self._branch("square", 1, 3)
        self.double_square = self._branch("double_square", 1, 3, 3)
        self.pooled = self._branch("pooled", 1)

    @property
    def branches(self) -> list[list[ConvolutionBlock2D]]:
        """The convolutions of each branch, in the order of the output's channels."""
        return [self.point, self.square, self.double_square, self.pooled]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for branch in self.branches:
            shape = input_shape
            for convolution in branch:
                convolution.build(shape)
                shape = convolution.compute_output_shape(shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = [inputs, inputs, inputs, self.pool(inputs)]
        for index, branch in enumerate(self.branches):
            for convolution in branch:
                outputs[index] = convolution(outputs[index], training=training)
        return ops.concatenate(outputs, axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:3], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "normalization": self.normalization,
            "activation": self.activation,
        }

    def _branch(self, name: str, *kernel_sizes: int) -> list[ConvolutionBlock2D]:
        return [
            ConvolutionBlock2D(
                self.filters // 4,
                size,
                normalization=self.normalization,
                activation=self.activation,
                dtype=self.dtype_policy,
                name=f"{name}_{index}",
            )
            for index, size in enumerate(kernel_sizes, start=1)
        ]
