"""Residual block of multi-scale depthwise convolutions."""

from collections.abc import Sequence
from typing import Any, Literal

import keras

from kerashar import backend
from kerashar.layers.checks import check_memory, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.dropout import Dropout
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.multi_scale_depthwise_conv1d import MultiScaleDepthwiseConv1D
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.squeeze_excite import SqueezeExcite
from kerashar.layers.stochastic_depth import StochasticDepth
from kerashar.layers.temporal_convolution import combined_span


@keras.saving.register_keras_serializable(package="kerashar")
class MultiScaleBlock(QuickLayer):
    """Pre-norm residual block that twice mixes time at several scales, then mixes channels.

    Use it as the unit of a ModernTCN: stacked with dilations 1, 2, 4, ... the receptive field doubles with each
    block. The branch is: layer norm, depthwise, dense, GELU, depthwise, dense, squeeze-and-excitation, dropout.

    Args:
        kernel_sizes: numbers of taps of the parallel depthwise kernels, all odd with `"same"` padding.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        squeeze_reduction: reduction of squeeze-and-excitation, or `None` to leave it out. Defaults to 8.
        dropout: share of the branch's values dropped in training. Defaults to 0.
        stochastic_depth: share of samples that lose the branch in training. Defaults to 0.
        padding: `"same"`, or `"causal"` (an output depends on its own and earlier samples only, by convolutions and
            gates). Defaults to `"same"`.
        memory: samples that causal gates look back; `None` for all so far. Defaults to `None`.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Call arguments:
        inputs: signal.
        training: whether dropout and stochastic depth act.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or rates out of range, an unknown padding, or a memory without causal padding.

    Example:
        >>> import numpy as np
        >>> tuple(MultiScaleBlock((3, 7), dilation_rate=2)(np.ones((2, 128, 16), "float32")).shape)
        (2, 128, 16)

    Reference:
        Luo and Wang, "ModernTCN", 2024, for depthwise time mixing apart from channel mixing; Bai et al., 2018, for
        two convolutions of one dilation in a residual block. Theirs have no squeeze-and-excitation.
    """

    def __init__(
        self,
        kernel_sizes: Sequence[int],
        dilation_rate: int = 1,
        squeeze_reduction: int | None = 8,
        dropout: float = 0.0,
        stochastic_depth: float = 0.0,
        padding: Literal["same", "causal"] = "same",
        memory: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_memory(memory, padding == "causal")
        self.kernel_sizes = tuple(kernel_sizes)
        self.dilation_rate = dilation_rate
        self.squeeze_reduction = squeeze_reduction
        self.dropout = dropout
        self.stochastic_depth = stochastic_depth
        self.padding: Literal["same", "causal"] = padding
        self.memory = memory
        self.seed = seed
        policy = self.dtype_policy
        self.norm = LayerNormalization(dtype=policy, name="norm")
        self.time_mixers = [
            MultiScaleDepthwiseConv1D(kernel_sizes, dilation_rate, padding, dtype=policy, name=f"time_mixer_{index}")
            for index in (1, 2)
        ]
        self.squeeze_excite = None
        if squeeze_reduction is not None:
            self.squeeze_excite = SqueezeExcite(
                squeeze_reduction, padding == "causal", memory, dtype=policy, name="squeeze_excite"
            )
        self.drop_values = Dropout(dropout, seed=seed, dtype=policy, name="dropout")
        self.drop_branch = StochasticDepth(stochastic_depth, seed=seed, dtype=policy, name="stochastic_depth")

    @property
    def span(self) -> int:
        """Samples that reach one output by way of the convolutions."""
        return combined_span(self.time_mixers)

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        self.channel_mixers = [
            Dense(channels, dtype=self.dtype_policy, name=f"channel_mixer_{index}") for index in (1, 2)
        ]
        parts = [self.norm, *self.time_mixers, *self.channel_mixers, self.squeeze_excite]
        for part in parts:
            if part is not None:
                part.build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        branch = self.norm(inputs)
        branch = self.channel_mixers[0](self.time_mixers[0](branch))
        branch = backend.gelu(branch)
        branch = self.channel_mixers[1](self.time_mixers[1](branch))
        if self.squeeze_excite is not None:
            branch = self.squeeze_excite(branch)
        branch = self.drop_values(branch, training=training)
        return inputs + self.drop_branch(branch, training=training)

    def stream(self, program: Any, inputs: Any) -> Any:
        branch = program.apply(self.norm, inputs)
        branch = program.apply(self.channel_mixers[0], program.apply(self.time_mixers[0], branch))
        branch = program.activation(branch, "gelu")
        branch = program.apply(self.channel_mixers[1], program.apply(self.time_mixers[1], branch))
        if self.squeeze_excite is not None:
            branch = program.apply(self.squeeze_excite, branch)
        return program.add(inputs, branch)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_sizes": self.kernel_sizes,
            "dilation_rate": self.dilation_rate,
            "squeeze_reduction": self.squeeze_reduction,
            "dropout": self.dropout,
            "stochastic_depth": self.stochastic_depth,
            "padding": self.padding,
            "memory": self.memory,
            "seed": self.seed,
        }
