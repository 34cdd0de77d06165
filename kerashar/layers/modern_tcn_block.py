"""Residual block of ModernTCN."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels
from kerashar.layers.choices import normalization_layer
from kerashar.layers.grouped_feed_forward import GroupedFeedForward
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.reparameterized_depthwise_conv1d import ReparameterizedDepthwiseConv1D


@keras.saving.register_keras_serializable(package="kerashar")
class ModernTCNBlock(QuickLayer):
    """Residual block that mixes time, then the features of each variable, then the variables of each feature.

    Use it as the unit of the published ModernTCN, over embeddings of patches of each variable. The branch is: large
    depthwise convolution, batch normalisation, and two grouped feed-forward networks.

    Args:
        kernel_size: odd number of taps of the large kernel.
        small_kernel_size: odd number of taps of the small kernel beside it. Defaults to 5.
        expansion: how many times wider the feed-forward networks are inside. Defaults to 1.
        dropout: share of values dropped after each dense layer, in training. Defaults to 0.
        merged: whether the two kernels are the one that `merge` makes. Defaults to False.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: embedded signal.
        training: whether dropout acts and batch normalisation learns.

    Input shape:
        `(batch, time, variables, features)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or shares out of range, or an unknown number of variables or features; `merge` on a block
            that is merged, or has no weights yet.

    Example:
        >>> import numpy as np
        >>> tuple(ModernTCNBlock(13, expansion=2)(np.ones((2, 32, 9, 16), "float32")).shape)
        (2, 32, 9, 16)

    Reference:
        Luo and Wang, "ModernTCN: A Modern Pure Convolution Structure for General Time Series Analysis", 2024.
    """

    def __init__(
        self,
        kernel_size: int,
        small_kernel_size: int = 5,
        expansion: int = 1,
        dropout: float = 0.0,
        merged: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size
        self.small_kernel_size = small_kernel_size
        self.expansion = expansion
        self.dropout = dropout
        self.merged = merged
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=4)
        policy = self.dtype_policy
        self.time_mixer = ReparameterizedDepthwiseConv1D(
            kernel_size, small_kernel_size, merged, dtype=policy, name="time_mixer"
        )
        self.feature_mixer, self.variable_mixer = (
            GroupedFeedForward(
                expansion, dropout, seed=None if seed is None else seed + offset, dtype=policy, name=name
            )
            for offset, name in ((0, "feature_mixer"), (2, "variable_mixer"))  # each has two dropouts
        )

    @property
    def span(self) -> int:
        """Samples that reach one output by way of the depthwise convolution."""
        return self.time_mixer.span

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return self.time_mixer.strides

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        batch, time, *_ = input_shape
        self.feature_mixer.build(input_shape)  # first, since it refuses unknown variables and features
        variables, features = known_channels(input_shape[:-1]), known_channels(input_shape)
        self.variable_mixer.build((batch, time, features, variables))
        self.time_mixer.build((batch, time, variables * features))
        self.norm = normalization_layer("batch", features, dtype=self.dtype_policy, name="norm")
        self.norm.build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        batch, time, variables, features = ops.shape(inputs)
        branch = ops.reshape(inputs, (batch, time, variables * features))
        branch = self.time_mixer(branch, training=training)
        branch = ops.reshape(branch, (batch, time, variables, features))
        branch = self.feature_mixer(self.norm(branch, training=training), training=training)
        branch = self.variable_mixer(
            ops.swapaxes(branch, 2, 3), training=training
        )  # (batch, time, features, variables)
        return inputs + ops.swapaxes(branch, 2, 3)

    def merge(self) -> "ModernTCNBlock":
        """A new block with one depthwise kernel, whose outputs equal this one's in inference."""
        block = type(self).from_config({**self.get_config(), "merged": True})
        kernel_and_bias = self.time_mixer.merge().get_weights()
        block.build_from_config(self.get_build_config())
        block.set_weights(kernel_and_bias + self.get_weights()[len(self.time_mixer.weights) :])
        return block

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "small_kernel_size": self.small_kernel_size,
            "expansion": self.expansion,
            "dropout": self.dropout,
            "merged": self.merged,
            "seed": self.seed,
        }
