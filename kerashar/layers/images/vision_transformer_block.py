"""Transformer block over the patches of an image."""

from typing import Any

import keras

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.images.feed_forward import FeedForward
from kerashar.layers.images.image_attention import ImageAttention
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kerashar")
class VisionTransformerBlock(QuickLayer):
    """Lets patches gather from each other, then transforms each by a small network; both add to their input.

    Use it after `PatchPositions`. For another attention or network override `make_attention` and `make_network`.

    Args:
        heads: attention patterns side by side; the width must be a multiple of it.
        hidden: width of the network's hidden layer. Defaults to four times that of the patches.
        stochastic_depth: share of samples that lose a branch in training. Defaults to 0.
        seed: seed of stochastic depth. Defaults to None.

    Call arguments:
        inputs: patches.
        training: whether stochastic depth acts.

    Input shape:
        `(batch, patches, width)`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or shares out of range.

    Example:
        >>> import numpy as np
        >>> tuple(VisionTransformerBlock(4)(np.ones((2, 65, 32), "float32")).shape)
        (2, 65, 32)

    Reference:
        Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021.
    """

    def __init__(
        self,
        heads: int,
        hidden: int | None = None,
        stochastic_depth: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(heads=heads, hidden=1 if hidden is None else hidden)
        check_share(stochastic_depth=stochastic_depth)
        self.heads = heads
        self.hidden = hidden
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        policy = self.dtype_policy
        self.attention_norm = LayerNormalization(dtype=policy, name="attention_norm")
        self.network_norm = LayerNormalization(dtype=policy, name="network_norm")
        self.drop_attention = StochasticDepth(stochastic_depth, seed=seed, dtype=policy, name="drop_attention")
        # A seed of its own: with the other's it would drop the same samples.
        own_seed = None if seed is None else seed + 1
        self.drop_network = StochasticDepth(stochastic_depth, seed=own_seed, dtype=policy, name="drop_network")

    def make_attention(self) -> keras.layers.Layer:
        """What mixes patches."""
        return ImageAttention(self.heads, dtype=self.dtype_policy, name="attention")

    def make_network(self, hidden: int) -> keras.layers.Layer:
        """What transforms each patch."""
        return FeedForward(hidden, dtype=self.dtype_policy, name="network")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = known_channels(input_shape)
        self.attention = self.make_attention()
        self.network = self.make_network(4 * width if self.hidden is None else self.hidden)
        for part in (self.attention_norm, self.attention, self.network_norm, self.network):
            part.build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        attended = inputs + self.drop_attention(self.attention(self.attention_norm(inputs)), training=training)
        branch = self.network(self.network_norm(attended))
        return attended + self.drop_network(branch, training=training)

    def attention_weights(self, inputs: Any) -> Any:
        """Weights `(batch, heads, patches, patches)` that each patch (third axis) gives each other (fourth)."""
        return self.attention.attention_weights(self.attention_norm(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "heads": self.heads,
            "hidden": self.hidden,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
        }
