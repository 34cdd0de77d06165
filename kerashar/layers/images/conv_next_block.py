"""Block of ConvNeXt."""

from typing import Any

import keras

from kerashar import backend
from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.images.depthwise_conv2d import DepthwiseConv2D
from kerashar.layers.images.global_response_normalization import GlobalResponseNormalization
from kerashar.layers.images.layer_scale import LayerScale
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kerashar")
class ConvNeXtBlock(QuickLayer):
    """Mixes places by a large depthwise convolution, then channels by a small network, and adds that to its input.

    Use it as the unit of a convolutional network in the form of a transformer.

    Args:
        kernel_size: height and width of the depthwise convolution, odd. Defaults to 7.
        expansion: how many times wider than the image the network's hidden layer is. Defaults to 4.
        response_normalization: whether the hidden layer has `GlobalResponseNormalization` and the branch no
            `LayerScale`, as in the second version. Defaults to False.
        scale_start: what the `LayerScale` of the first version starts from. Defaults to 1e-6.
        stochastic_depth: share of samples that lose the branch in training. Defaults to 0.
        seed: seed of stochastic depth. Defaults to None.

    Call arguments:
        inputs: image.
        training: whether stochastic depth acts.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or shares out of range.

    Example:
        >>> import numpy as np
        >>> tuple(ConvNeXtBlock()(np.ones((2, 8, 12, 16), "float32")).shape)
        (2, 8, 12, 16)

    Reference:
        Liu et al., "A ConvNet for the 2020s", 2022; Woo et al., "ConvNeXt V2: Co-designing and Scaling ConvNets with
        Masked Autoencoders", 2023.
    """

    def __init__(
        self,
        kernel_size: int = 7,
        expansion: int = 4,
        response_normalization: bool = False,
        scale_start: float = 1e-6,
        stochastic_depth: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(expansion=expansion)
        check_share(stochastic_depth=stochastic_depth)
        self.kernel_size = kernel_size
        self.expansion = expansion
        self.response_normalization = response_normalization
        self.scale_start = scale_start
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        policy = self.dtype_policy
        self.depthwise = DepthwiseConv2D(kernel_size, kernel_initializer=SMALL_NORMAL, dtype=policy, name="depthwise")
        self.norm = LayerNormalization(dtype=policy, name="norm")
        self.response = self.scale = None
        if response_normalization:
            self.response = GlobalResponseNormalization(dtype=policy, name="response")
        else:
            self.scale = LayerScale(scale_start, dtype=policy, name="scale")
        self.drop_branch = StochasticDepth(stochastic_depth, seed=seed, dtype=policy, name="stochastic_depth")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        settings = {"kernel_initializer": SMALL_NORMAL, "dtype": self.dtype_policy}
        self.widen = Dense(self.expansion * channels, activation=backend.gelu, name="widen", **settings)
        self.narrow = Dense(channels, name="narrow", **settings)
        wide = (*input_shape[:-1], self.expansion * channels)
        for part in (self.depthwise, self.norm, self.widen):
            part.build(input_shape)
        if self.response is not None:
            self.response.build(wide)
        self.narrow.build(wide)
        if self.scale is not None:
            self.scale.build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        branch = self.widen(self.norm(self.depthwise(inputs)))
        if self.response is not None:
            branch = self.response(branch)
        branch = self.narrow(branch)
        if self.scale is not None:
            branch = self.scale(branch)
        return inputs + self.drop_branch(branch, training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "expansion": self.expansion,
            "response_normalization": self.response_normalization,
            "scale_start": self.scale_start,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
        }
