"""Transformer block over time."""

from typing import Any

import keras

from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.dropout import Dropout
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.self_attention import SelfAttention


@keras.saving.register_keras_serializable(package="kerashar")
class TransformerBlock(QuickLayer):
    """Lets time steps gather from each other, then transforms each by a small network; both add to their input.

    Use it on the features of a convolutional stem, which shortens the window. By itself it knows no order of time:
    put `SinusoidalPositions` ahead of the first block. It sees the whole window, so it is not causal.

    Args:
        heads: attention patterns side by side; the channels must be a multiple of it.
        expansion: how many times wider than the signal the network's hidden layer is. Defaults to 4.
        dropout: share of the attention weights and of both branches' values dropped in training. Defaults to 0.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: features.
        training: whether dropout acts.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: a size below 1, a dropout outside [0, 1), or channels that are not a multiple of the heads.

    Example:
        >>> import numpy as np
        >>> block = TransformerBlock(heads=4, expansion=2)
        >>> tuple(block(np.ones((2, 32, 16), "float32")).shape)
        (2, 32, 16)

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017; normalised before each branch, as Xiong et al., "On Layer
        Normalization in the Transformer Architecture", 2020, advise, and with GELU for ReLU.
    """

    def __init__(
        self, heads: int, expansion: int = 4, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(expansion=expansion)
        self.heads = heads
        self.expansion = expansion
        self.dropout = dropout
        self.seed = seed
        policy = self.dtype_policy
        self.attention = SelfAttention(heads, dropout, seed, dtype=policy, name="attention")
        self.norm = LayerNormalization(dtype=policy, name="norm")
        # A seed of its own: with the attention's it would drop the same values.
        own_seed = None if seed is None else seed + 1
        self.drop_values = Dropout(dropout, seed=own_seed, dtype=policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        hidden = self.expansion * channels
        self.widen = Dense(hidden, activation="gelu", dtype=self.dtype_policy, name="widen")
        self.narrow = Dense(channels, dtype=self.dtype_policy, name="narrow")
        for part in (self.attention, self.norm, self.widen):
            part.build(input_shape)
        self.narrow.build((*input_shape[:-1], hidden))

    def call(self, inputs: Any, training: bool = False) -> Any:
        attended = self.attention(inputs, training=training)
        branch = self.narrow(self.widen(self.norm(attended)))
        return attended + self.drop_values(branch, training=training)

    def attention_weights(self, inputs: Any) -> Any:
        """Weights `(batch, heads, time, time)` that each time step (third axis) gives each other (fourth)."""
        return self.attention.attention_weights(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "heads": self.heads,
            "expansion": self.expansion,
            "dropout": self.dropout,
            "seed": self.seed,
        }
