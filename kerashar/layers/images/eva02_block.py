"""Block of EVA-02."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers.images.image_attention import ImageAttention
from kerashar.layers.images.rotary_embedding2d import RotaryEmbedding2D
from kerashar.layers.images.swi_glu import SwiGLU
from kerashar.layers.images.vision_transformer_block import VisionTransformerBlock


@keras.saving.register_keras_serializable(package="kerashar")
class EVA02Block(VisionTransformerBlock):
    """A `VisionTransformerBlock` with rotary position embeddings and a `SwiGLU` network.

    Use it after `PatchPositions`.

    Args:
        heads: attention patterns side by side; the width must be four times a multiple of it.
        grid: rows and columns of patches.
        normalize: whether the network's hidden layer is normalised, as in the larger networks. Defaults to False.
        hidden: width of the network's hidden layer. Defaults to four times that of the patches.
        **kwargs: as those of `VisionTransformerBlock`.

    Call arguments:
        inputs: class token and patches.
        training: whether stochastic depth acts.

    Input shape:
        `(batch, 1 + rows * columns, width)`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or shares out of range.

    Example:
        >>> import numpy as np
        >>> tuple(EVA02Block(4, (4, 6))(np.ones((2, 25, 32), "float32")).shape)
        (2, 25, 32)

    Reference:
        Fang et al., "EVA-02: A Visual Representation for Neon Genesis", 2023.
    """

    def __init__(
        self, heads: int, grid: Sequence[int], normalize: bool = False, hidden: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(heads, hidden, **kwargs)
        self.grid = tuple(grid)
        self.normalize = normalize

    def make_attention(self) -> keras.layers.Layer:
        rotary = RotaryEmbedding2D(self.grid, dtype=self.dtype_policy, name="rotary")
        return ImageAttention(self.heads, key_bias=False, rotary=rotary, dtype=self.dtype_policy, name="attention")

    def make_network(self, hidden: int) -> keras.layers.Layer:
        return SwiGLU(hidden, self.normalize, dtype=self.dtype_policy, name="network")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grid": self.grid, "normalize": self.normalize}
