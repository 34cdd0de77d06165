"""Residual block over time."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.choices import Activation, Normalization, activation_layer, check_choices, normalization_layer
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.dropout import Dropout
from kerashar.layers.multi_scale_conv1d import MultiScaleConv1D
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.self_attention import SelfAttention
from kerashar.layers.squeeze_excite import SqueezeExcite
from kerashar.layers.temporal_convolution import combined_span


@keras.saving.register_keras_serializable(package="kerashar")
class ResidualBlock1D(QuickLayer):
    """Adds a branch of convolutions over time to its input.

    Use it as the unit of a 1D ResNet. Every option works with every other, at any window length. Where strides or
    filters change the shape, a convolution of one tap projects the shortcut.

    Args:
        filters: channels that come out.
        kernel_sizes: numbers of taps, one entry for each convolution; an entry that is itself a sequence makes a
            convolution of parallel kernels (multi-scale). Defaults to (3, 3).
        strides: step between outputs, in samples, taken by the first of these convolutions. Defaults to 1.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        bottleneck: how many times narrower the branch is inside, between two convolutions of one tap (1-3-1), or
            `None` for a branch without them. Defaults to `None`.
        pre_activation: normalise and activate before each convolution instead of after it, and leave the sum as it
            is. Defaults to False.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        squeeze_reduction: reduction of squeeze-and-excitation at the end of the branch, or `None` to leave it out.
            Defaults to `None`.
        attention_heads: heads of self-attention at the end of the branch, or `None` to leave it out. Defaults to
            `None`.
        residual_scale: factor on the branch, not on the shortcut; 0.1 steadies deep networks. Defaults to 1.
        dropout: share of the branch's values dropped in training. Defaults to 0.
        kernel_initializer: initialiser of the convolutions, such as `"he_normal"` or `"glorot_uniform"` (Xavier).
            Defaults to `"he_normal"`.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: signal.
        training: whether dropout acts and batch normalisation learns.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, ceil(time / strides), filters)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, or no kernel size.

    Example:
        >>> import numpy as np
        >>> block = ResidualBlock1D(64, (3,), strides=2, bottleneck=4, residual_scale=0.1)
        >>> tuple(block(np.ones((2, 128, 9), "float32")).shape)
        (2, 64, 64)

    Reference:
        He et al., "Deep Residual Learning for Image Recognition", 2016, and "Identity Mappings in Deep Residual
        Networks", 2016 (pre-activation); Szegedy et al., "Inception-v4", 2017, for scaling the branch. Here over time;
        the stride of a bottleneck is taken by the middle convolution.
    """

    def __init__(
        self,
        filters: int,
        kernel_sizes: Sequence[int | Sequence[int]] = (3, 3),
        strides: int = 1,
        dilation_rate: int = 1,
        bottleneck: int | None = None,
        pre_activation: bool = False,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        squeeze_reduction: int | None = None,
        attention_heads: int | None = None,
        residual_scale: float = 1.0,
        dropout: float = 0.0,
        kernel_initializer: Any = "he_normal",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, strides=strides, **({} if bottleneck is None else {"bottleneck": bottleneck}))
        check_share(dropout=dropout)
        check_choices(normalization, activation)
        if not kernel_sizes:
            raise ValueError(f"Expected at least one kernel size. Received: kernel_sizes={kernel_sizes!r}.")
        if not residual_scale > 0:
            raise ValueError(f"Expected residual_scale above 0. Received: residual_scale={residual_scale!r}.")
        self.filters = filters
        self.kernel_sizes = tuple(size if isinstance(size, int) else tuple(size) for size in kernel_sizes)
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.bottleneck = bottleneck
        self.pre_activation = pre_activation
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        self.squeeze_reduction = squeeze_reduction
        self.attention_heads = attention_heads
        self.residual_scale = residual_scale
        self.dropout = dropout
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed
        policy = self.dtype_policy
        self.convolutions = self._make_convolutions()
        self.squeeze_excite = self.attention = None
        if squeeze_reduction is not None:
            self.squeeze_excite = SqueezeExcite(squeeze_reduction, dtype=policy, name="squeeze_excite")
        if attention_heads is not None:
            self.attention = SelfAttention(attention_heads, seed=seed, dtype=policy, name="attention")
        self.drop_values = Dropout(dropout, seed=seed, dtype=policy, name="dropout")

    @property
    def span(self) -> int:
        """Samples that reach one output by way of the convolutions."""
        return combined_span(self.convolutions)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        self.normalizations, self.activations = [], []
        shape = input_shape
        for index, convolution in enumerate(self.convolutions, start=1):
            convolution.build(shape)
            before, shape = shape, convolution.compute_output_shape(shape)
            around = before if self.pre_activation else shape
            self.normalizations.append(self._make_normalization(around, f"normalization_{index}"))
            self.activations.append(self._make_activation(around, f"activation_{index}"))
        self.projection = self.projection_normalization = None
        if self.strides > 1 or channels != self.filters:
            self.projection = self._make_convolution(self.filters, 1, "projection", self.strides)
            self.projection.build(input_shape)
            if not self.pre_activation:
                self.projection_normalization = self._make_normalization(shape, "projection_normalization")
        for part in (self.squeeze_excite, self.attention):
            if part is not None:
                part.build(shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        entry = self._enter(inputs, training)
        branch = self._before_attention(entry, training)
        if self.attention is not None:
            branch = self.attention(branch, training=training)
        branch = self.residual_scale * self.drop_values(branch, training=training)
        shortcut = inputs if self.projection is None else self.projection(entry)
        if self.projection_normalization is not None:
            shortcut = self.projection_normalization(shortcut, training=training)
        return branch + shortcut if self.pre_activation else self.activations[-1](branch + shortcut)

    def attention_weights(self, inputs: Any) -> Any:
        """Attention `(batch, heads, time, time)` that each time step (third axis) pays to each other (fourth).

        The block must be built: call it first, or take it from a model.

        Raises:
            ValueError: the block has no attention.
        """
        if self.attention is None:
            raise ValueError("Expected a block with attention. Received: attention_heads=None.")
        return self.attention.attention_weights(
            self._before_attention(self._enter(inputs, training=False), training=False)
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        for convolution in self.convolutions:
            input_shape = convolution.compute_output_shape(input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_sizes": self.kernel_sizes,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "bottleneck": self.bottleneck,
            "pre_activation": self.pre_activation,
            "normalization": self.normalization,
            "activation": self.activation,
            "squeeze_reduction": self.squeeze_reduction,
            "attention_heads": self.attention_heads,
            "residual_scale": self.residual_scale,
            "dropout": self.dropout,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
        }

    def _enter(self, inputs: Any, training: bool) -> Any:
        """What the branch and the projection of the shortcut start from."""
        if not self.pre_activation:
            return inputs
        return self.activations[0](self.normalizations[0](inputs, training=training))

    def _before_attention(self, branch: Any, training: bool) -> Any:
        last = len(self.convolutions) - 1
        for index, convolution in enumerate(self.convolutions):
            branch = convolution(branch)
            # Pre-activation prepares the next convolution; otherwise the last activation waits for the sum.
            position = index + 1 if self.pre_activation else index
            if position <= last:
                branch = self.normalizations[position](branch, training=training)
            if index < last:
                branch = self.activations[position](branch)
        return branch if self.squeeze_excite is None else self.squeeze_excite(branch)

    def _make_convolutions(self) -> list[Any]:
        inner = self.filters
        if self.bottleneck is not None:  # at least one channel for each of the parallel kernels
            parallel = max(1 if isinstance(size, int) else len(size) for size in self.kernel_sizes)
            inner = max(parallel, self.filters // self.bottleneck)
        convolutions = [
            self._make_convolution(inner, size, f"convolution_{index + 1}", 1 if index else self.strides)
            for index, size in enumerate(self.kernel_sizes)
        ]
        if self.bottleneck is not None:
            narrow = self._make_convolution(inner, 1, "narrow")
            widen = self._make_convolution(self.filters, 1, "widen")
            convolutions = [narrow, *convolutions, widen]
        return convolutions

    def _make_convolution(self, filters: int, size: Any, name: str, strides: int = 1) -> Any:
        kind = Conv1D if isinstance(size, int) else MultiScaleConv1D
        return kind(
            filters,
            size,
            strides,
            dilation_rate=self.dilation_rate if size != 1 else 1,
            use_bias=False,  # a normalisation beside it would take it away
            kernel_initializer=self.kernel_initializer,
            dtype=self.dtype_policy,
            name=name,
        )

    def _make_normalization(self, shape: tuple[int | None, ...], name: str) -> keras.layers.Layer:
        layer = normalization_layer(self.normalization, known_channels(shape), dtype=self.dtype_policy, name=name)
        layer.build(shape)
        return layer

    def _make_activation(self, shape: tuple[int | None, ...], name: str) -> keras.layers.Layer:
        layer = activation_layer(self.activation, dtype=self.dtype_policy, name=name)
        layer.build(shape)
        return layer
