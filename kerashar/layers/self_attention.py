"""Self-attention over time."""

import warnings
from typing import Any

import keras

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.dropout import Dropout
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class SelfAttention(QuickLayer):
    """Lets each time step gather from all others, and adds what it found.

    Use it after convolutions, where moments far apart belong together. It sees the whole window, so it is not
    causal, and its cost grows with the square of the window.

    Args:
        heads: attention patterns side by side; the channels must be a multiple of it.
        dropout: share of the attention weights and of the result dropped in training. Defaults to 0.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: signal or features.
        training: whether dropout acts.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: heads below 1, a dropout outside [0, 1), or channels that are not a multiple of the heads.

    Example:
        >>> import numpy as np
        >>> layer = SelfAttention(heads=4)
        >>> tuple(layer(np.ones((2, 50, 16), "float32")).shape)
        (2, 50, 16)
        >>> tuple(layer.attention_weights(np.ones((2, 50, 16), "float32")).shape)
        (2, 4, 50, 50)

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017; normalised before the attention, as Xiong et al., "On Layer
        Normalization in the Transformer Architecture", 2020, advise; without biases.
    """

    def __init__(self, heads: int, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(heads=heads)
        check_share(dropout=dropout)
        self.heads = heads
        self.dropout = dropout
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=3)
        policy = self.dtype_policy
        self.norm = LayerNormalization(dtype=policy, name="norm")
        self.drop_values = Dropout(dropout, seed=seed, dtype=policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        if channels % self.heads:
            raise ValueError(
                f"Expected channels that are a multiple of the heads. Received: {channels} channels, "
                f"heads={self.heads}."
            )
        self.attention = keras.layers.MultiHeadAttention(
            self.heads,
            channels // self.heads,
            dropout=self.dropout,
            use_bias=False,  # that of the keys would cancel out in the softmax and never learn
            seed=self.seed,
            dtype=self.dtype_policy,
            name="attention",
        )
        self.norm.build(input_shape)
        self.attention.build(input_shape, input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        gathered = self._attend(inputs, training=training)
        return inputs + self.drop_values(gathered, training=training)

    def attention_weights(self, inputs: Any) -> Any:
        """Weights `(batch, heads, time, time)` that each time step (third axis) gives each other (fourth).

        The layer must be built: call it first, or take it from a model.
        """
        return self._attend(inputs, return_attention_scores=True, training=False)[1]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads, "dropout": self.dropout, "seed": self.seed}

    def _attend(self, inputs: Any, **options: bool) -> Any:
        normalised = self.norm(inputs)
        with warnings.catch_warnings():
            # Keras warns where the window is a single step, whose weight is 1 as it should be.
            warnings.filterwarnings("ignore", "You are using a softmax over axis")
            return self.attention(normalised, normalised, **options)
