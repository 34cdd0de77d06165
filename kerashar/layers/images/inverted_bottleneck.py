"""Inverted bottleneck of mobile networks."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.images.normalized_conv2d import NormalizedConv2D
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kerashar")
class InvertedBottleneck(QuickLayer):
    """Widens an image's channels, mixes places channel by channel, narrows, and adds the image where shapes allow it.

    Use it as the unit of a mobile network. Each part can be left out, which gives all blocks of MobileNet V2, V3 and
    V4: with `start_kernel_size` places are mixed ahead of widening too; without a `kernel_size` as well it is a
    ConvNeXt block; with neither it is a network over channels; with `expand_kernel_size` widening mixes places itself.

    Args:
        filters: channels that come out.
        hidden: channels in between, or `None` for those that come in, without widening.
        kernel_size: height and width of the depthwise convolution, or 0 to leave it out. Defaults to 3.
        start_kernel_size: the same ahead of widening. Defaults to 0.
        expand_kernel_size: height and width of the convolution that widens. Defaults to 1.
        strides: step between outputs, in pixels, taken by the last convolution that mixes places. Defaults to 1.
        squeeze: hidden units of squeeze-and-excitation, whose gate is a hard sigmoid, or 0 to leave it out. Defaults
            to 0.
        activation: name of one of Keras. Defaults to `"relu"`.
        stochastic_depth: share of samples that lose the branch in training. Defaults to 0.
        seed: seed of stochastic depth. Defaults to None.

    Call arguments:
        inputs: image.
        training: whether stochastic depth acts and normalisations learn.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Raises:
        ValueError: sizes or shares out of range, or strides without a convolution that could take them.

    Example:
        >>> import numpy as np
        >>> tuple(InvertedBottleneck(24, 64, strides=2)(np.ones((2, 32, 48, 16), "float32")).shape)
        (2, 16, 24, 24)

    Reference:
        Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018; Qin et al., "MobileNetV4:
        Universal Models for the Mobile Ecosystem", 2024.
    """

    def __init__(
        self,
        filters: int,
        hidden: int | None = None,
        kernel_size: int = 3,
        start_kernel_size: int = 0,
        expand_kernel_size: int = 1,
        strides: int = 1,
        squeeze: int = 0,
        activation: str = "relu",
        stochastic_depth: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, hidden=1 if hidden is None else hidden, strides=strides)
        check_share(stochastic_depth=stochastic_depth)
        if strides > 1 and not kernel_size and not start_kernel_size and expand_kernel_size == 1:
            raise ValueError(f"Expected strides=1 without a convolution of places. Received: strides={strides}.")
        self.filters = filters
        self.hidden = hidden
        self.kernel_size = kernel_size
        self.start_kernel_size = start_kernel_size
        self.expand_kernel_size = expand_kernel_size
        self.strides = strides
        self.squeeze = squeeze
        self.activation = activation
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        self.drop_branch = StochasticDepth(
            stochastic_depth, seed=seed, dtype=self.dtype_policy, name="stochastic_depth"
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        hidden = channels if self.hidden is None else self.hidden
        # (name, filters, kernel_size, activation) of what mixes places or widens, in this order
        convolutions = [
            ("start", None, self.start_kernel_size, None),
            ("expand", self.hidden, self.expand_kernel_size if self.hidden else 0, self.activation),
            ("depthwise", None, self.kernel_size, self.activation),
        ]
        present = [each for each in convolutions if each[2]]
        striding = max((place for place, each in enumerate(present) if each[2] > 1), default=0)
        self.convolutions = []
        shape = input_shape
        for place, (name, filters, kernel_size, activation) in enumerate(present):
            strides = self.strides if place == striding else 1
            convolution = NormalizedConv2D(
                filters, kernel_size, strides, activation, dtype=self.dtype_policy, name=name
            )
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            self.convolutions.append(convolution)
        self.gate = None
        if self.squeeze:
            self.gate = [
                Dense(self.squeeze, activation="relu", dtype=self.dtype_policy, name="squeeze"),
                Dense(hidden, activation="hard_sigmoid", dtype=self.dtype_policy, name="excite"),
            ]
            self.gate[0].build((None, hidden))
            self.gate[1].build((None, self.squeeze))
        self.project = NormalizedConv2D(self.filters, dtype=self.dtype_policy, name="project")
        self.project.build(shape)
        self.drop_branch.build(self.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        branch = inputs
        for convolution in self.convolutions:
            branch = convolution(branch, training=training)
        if self.gate is not None:
            gate = ops.mean(branch, axis=(1, 2), keepdims=True)
            for layer in self.gate:
                gate = layer(gate)
            branch = branch * gate
        branch = self.project(branch, training=training)
        if self.strides > 1 or inputs.shape[-1] != self.filters:
            return branch
        return inputs + self.drop_branch(branch, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, _ = input_shape
        return (batch, *(side and -(-side // self.strides) for side in sides), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "hidden": self.hidden,
            "kernel_size": self.kernel_size,
            "start_kernel_size": self.start_kernel_size,
            "expand_kernel_size": self.expand_kernel_size,
            "strides": self.strides,
            "squeeze": self.squeeze,
            "activation": self.activation,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
        }
