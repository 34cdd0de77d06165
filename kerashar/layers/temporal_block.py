"""Residual block of causal dilated convolutions."""

from typing import Any, get_args

import keras

from kerashar.layers.checks import check_choice, check_share, check_sizes, known_channels
from kerashar.layers.choices import Activation, activation_layer
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.dropout import Dropout
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.temporal_convolution import combined_span
from kerashar.layers.weight_normalized_conv1d import WeightNormalizedConv1D

SMALL_NORMAL = keras.initializers.RandomNormal(stddev=0.01)  # as published


@keras.saving.register_keras_serializable(package="kerashar")
class TemporalBlock(QuickLayer):
    """Adds two causal convolutions of one dilation to its input, and activates the sum.

    Use it as the unit of a temporal convolutional network: stacked with dilations 1, 2, 4, ... the receptive field
    doubles with each block, and no output sees a later sample. The branch is twice: convolution, activation, dropout.
    Where `filters` changes the number of channels, a convolution of one tap projects the shortcut.

    Args:
        filters: channels that come out.
        kernel_size: number of taps. Defaults to 3.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        dropout: share of values dropped after each convolution, in training. Defaults to 0.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        weight_normalization: whether the two convolutions learn length and direction of their kernels apart.
            Defaults to True.
        kernel_initializer: initialiser of all convolutions, such as `"he_normal"` or `"glorot_uniform"` (Xavier).
            Defaults to a normal distribution of deviation 0.01.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: signal.
        training: whether dropout acts.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, time, filters)`.

    Raises:
        ValueError: sizes or shares out of range, or an unknown activation.

    Example:
        >>> import numpy as np
        >>> tuple(TemporalBlock(64, dilation_rate=4)(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 64)

    Reference:
        Bai et al., "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling",
        2018. Their code sets the same initialiser, but its weight normalisation overwrites that of the branch at the
        first call, by PyTorch's own. Theirs drops whole channels in the paper, single values in the code, as here.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        dilation_rate: int = 1,
        dropout: float = 0.0,
        activation: Activation = "relu",
        weight_normalization: bool = True,
        kernel_initializer: Any = SMALL_NORMAL,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters)
        check_share(dropout=dropout)
        check_choice("activation", activation, get_args(Activation))
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation_rate = dilation_rate
        self.dropout = dropout
        self.activation: Activation = activation
        self.weight_normalization = weight_normalization
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed
        policy = self.dtype_policy
        convolution = WeightNormalizedConv1D if weight_normalization else Conv1D
        self.convolutions = [
            convolution(
                filters,
                kernel_size,
                padding="causal",
                dilation_rate=dilation_rate,
                kernel_initializer=self.kernel_initializer,
                dtype=policy,
                name=f"convolution_{index}",
            )
            for index in (1, 2)
        ]
        self.activations = [activation_layer(activation, dtype=policy, name=f"activation_{index}") for index in (1, 2)]
        self.dropouts = [
            # Seeds apart: of one seed, both would drop the same values.
            Dropout(dropout, seed=None if seed is None else seed + index, dtype=policy, name=f"dropout_{index}")
            for index in (1, 2)
        ]
        self.sum_activation = activation_layer(activation, dtype=policy, name="sum_activation")

    @property
    def span(self) -> int:
        """Samples that reach one output."""
        return combined_span(self.convolutions)

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.projection = None
        if known_channels(input_shape) != self.filters:
            self.projection = Conv1D(
                self.filters, 1, kernel_initializer=self.kernel_initializer, dtype=self.dtype_policy, name="projection"
            )
            self.projection.build(input_shape)
        output_shape = self.compute_output_shape(input_shape)
        for part, shape in zip(self.convolutions, (input_shape, output_shape), strict=True):
            part.build(shape)
        for part in (*self.activations, self.sum_activation):
            part.build(output_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        branch = inputs
        for convolution, activation, drop in zip(self.convolutions, self.activations, self.dropouts, strict=True):
            branch = drop(activation(convolution(branch)), training=training)
        shortcut = inputs if self.projection is None else self.projection(inputs)
        return self.sum_activation(shortcut + branch)

    def stream(self, program: Any, inputs: Any) -> Any:
        branch = inputs
        for convolution, activation in zip(self.convolutions, self.activations, strict=True):
            branch = program.apply(activation, program.apply(convolution, branch))
        shortcut = inputs if self.projection is None else program.apply(self.projection, inputs)
        return program.apply(self.sum_activation, program.add(shortcut, branch))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation_rate": self.dilation_rate,
            "dropout": self.dropout,
            "activation": self.activation,
            "weight_normalization": self.weight_normalization,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }
