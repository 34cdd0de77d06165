"""Residual block over images."""

from typing import Any

import keras

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.choices import Activation, Normalization, activation_layer, check_choices
from kerashar.layers.images.convolution_block2d import ConvolutionBlock2D
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.squeeze_excite import SqueezeExcite
from kerashar.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kerashar")
class ResidualBlock2D(QuickLayer):
    """Adds two convolutions of an image to it, and activates the sum.

    Use it as the unit of a residual network. Kernels of 7x7 see most of a small image within a few blocks. Where
    strides or filters change the shape, a convolution of 1x1 projects the shortcut. For another branch override
    `make_branch`.

    Args:
        filters: channels that come out.
        kernel_size: height and width of the kernels. Defaults to 7.
        strides: step between outputs, in pixels, taken by the first convolution. Defaults to 1.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        squeeze_reduction: reduction of squeeze-and-excitation at the end of the branch, or `None` to leave it out.
            Defaults to `None`.
        stochastic_depth: share of samples that lose the branch in training. Defaults to 0.
        seed: seed of stochastic depth. Defaults to None.

    Call arguments:
        inputs: image.
        training: whether stochastic depth acts and batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Raises:
        ValueError: sizes or shares out of range, or unknown names.

    Example:
        >>> import numpy as np
        >>> tuple(ResidualBlock2D(64, strides=2)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 64)

    Reference:
        He et al., "Deep Residual Learning for Image Recognition", 2016, with kernels of 3x3.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 7,
        strides: int = 1,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        squeeze_reduction: int | None = None,
        stochastic_depth: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, kernel_size=kernel_size, strides=strides)
        check_choices(normalization, activation)
        check_share(stochastic_depth=stochastic_depth)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        self.squeeze_reduction = squeeze_reduction
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        policy = self.dtype_policy
        self.squeeze_excite = None
        if squeeze_reduction is not None:
            self.squeeze_excite = SqueezeExcite(squeeze_reduction, dtype=policy, name="squeeze_excite")
        self.drop_branch = StochasticDepth(stochastic_depth, seed=seed, dtype=policy, name="stochastic_depth")
        self.sum_activation = activation_layer(activation, axes=2, dtype=policy, name="sum_activation")

    def make_branch(self) -> list[ConvolutionBlock2D]:
        """The convolutions of the branch, in their order; the last one is not activated, since the sum is."""
        return [
            self.convolution("convolution_1", self.kernel_size, strides=self.strides),
            self.convolution("convolution_2", self.kernel_size, activation=None),
        ]

    def convolution(self, name: str, kernel_size: int, **settings: Any) -> ConvolutionBlock2D:
        """One with the filters, normalisation and activation of the block."""
        common = {"normalization": self.normalization, "activation": self.activation, "dtype": self.dtype_policy}
        return ConvolutionBlock2D(self.filters, kernel_size, name=name, **{**common, **settings})

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        # Sub-layers are built here, not in __init__, because whether a projection is needed follows from the image's.
        self.branch = self.make_branch()
        shape = input_shape
        for convolution in self.branch:
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
        self.projection = None
        if self.strides > 1 or known_channels(input_shape) != self.filters:
            self.projection = self.convolution("projection", 1, strides=self.strides, activation=None)
            self.projection.build(input_shape)
        for part in (self.squeeze_excite, self.sum_activation):
            if part is not None:
                part.build(shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        branch = inputs
        for convolution in self.branch:
            branch = convolution(branch, training=training)
        if self.squeeze_excite is not None:
            branch = self.squeeze_excite(branch)
        shortcut = inputs if self.projection is None else self.projection(inputs, training=training)
        return self.sum_activation(shortcut + self.drop_branch(branch, training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, _ = input_shape
        return (batch, *(side and -(-side // self.strides) for side in sides), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "normalization": self.normalization,
            "activation": self.activation,
            "squeeze_reduction": self.squeeze_reduction,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
        }
