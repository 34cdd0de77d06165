"""Self-attention over the patches of an image."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.images.rotary_embedding2d import RotaryEmbedding2D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class ImageAttention(QuickLayer):
    """Lets each patch of an image gather from all others, by the backend's fused kernel.

    Use it inside a transformer's block, which normalises ahead of it and adds its input. Queries, keys and values come
    from one product.

    Args:
        heads: attention patterns side by side; the width must be a multiple of it.
        use_bias: whether queries, values and the result have a bias. Defaults to True.
        key_bias: whether keys have one too; it changes nothing, but published networks have it. Defaults to True.
        rotary: the turn of queries and keys by their place, or `None`. Defaults to `None`.

    Call arguments:
        inputs: patches, normalised.

    Input shape:
        `(batch, patches, width)`.

    Output shape:
        As the input.

    Raises:
        ValueError: heads below 1, or a width that is not a multiple of them.

    Example:
        >>> import numpy as np
        >>> tuple(ImageAttention(4)(np.ones((2, 65, 32), "float32")).shape)
        (2, 65, 32)

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017.
    """

    def __init__(
        self,
        heads: int,
        use_bias: bool = True,
        key_bias: bool = True,
        rotary: RotaryEmbedding2D | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(heads=heads)
        self.heads = heads
        self.use_bias = use_bias
        self.key_bias = key_bias
        self.rotary = rotary
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = known_channels(input_shape)
        if width % self.heads:
            raise ValueError(
                f"Expected a width that is a multiple of the heads. Received: width {width}, heads={self.heads}."
            )
        self.kernel = self.add_weight(shape=(width, 3 * width), initializer=SMALL_NORMAL, name="kernel")
        if self.use_bias:
            biases = 3 if self.key_bias else 2
            self.bias = self.add_weight(shape=(biases * width,), initializer="zeros", name="bias")
        self.project = Dense(
            width, use_bias=self.use_bias, kernel_initializer=SMALL_NORMAL, dtype=self.dtype_policy, name="project"
        )
        self.project.build(input_shape)

    def call(self, inputs: Any) -> Any:
        attended = backend.attention(*self._parts(inputs))  # (batch, patches, heads, depth)
        return self.project(ops.reshape(attended, ops.shape(inputs)))

    def attention_weights(self, inputs: Any) -> Any:
        """Weights `(batch, heads, patches, patches)` that each patch (third axis) gives each other (fourth).

        The layer must be built: call it first, or take it from a model.
        """
        # As the weights are stored: outside of a call nothing casts them.
        queries, keys, _ = self._parts(ops.convert_to_tensor(inputs, self.variable_dtype))
        scores = ops.einsum("bqhd,bkhd->bhqk", queries, keys) / queries.shape[-1] ** 0.5
        return ops.softmax(ops.cast(scores, "float32"))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "heads": self.heads,
            "use_bias": self.use_bias,
            "key_bias": self.key_bias,
            "rotary": None if self.rotary is None else keras.saving.serialize_keras_object(self.rotary),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ImageAttention":
        return cls(**{**config, "rotary": keras.saving.deserialize_keras_object(config["rotary"])})

    def _parts(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Queries, keys and values, each `(batch, patches, heads, depth)`."""
        batch, patches, width = ops.shape(inputs)
        gathered = backend.dense(inputs, self.kernel, self._bias(width) if self.use_bias else None)
        heads = ops.reshape(gathered, (batch, patches, 3, self.heads, width // self.heads))
        queries, keys, values = (heads[:, :, index] for index in range(3))
        if self.rotary is not None:
            queries, keys = self.rotary(queries), self.rotary(keys)
        return queries, keys, values

    def _bias(self, width: int) -> Any:
        if self.key_bias:
            return self.bias
        bias = ops.convert_to_tensor(self.bias)
        return ops.concatenate([bias[:width], ops.zeros_like(bias[:width]), bias[width:]])
