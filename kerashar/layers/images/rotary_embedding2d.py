"""Rotary position embedding of images."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import check_sizes
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class RotaryEmbedding2D(QuickLayer):
    """Turns pairs of channels by angles that grow with a patch's row and column.

    Use it on queries and keys: their product then depends on how far apart two patches are. It has no weights. Half
    of the pairs tell rows, the other half columns, each at its own pace.

    Args:
        grid: rows and columns of patches.
        prefix: tokens ahead of the patches that have no place and aren't turned. Defaults to 1.
        reference: rows and columns over which angles grow as in the published network, whatever the grid. Defaults to
            (16, 16).
        temperature: how much slower the slowest pair turns than the fastest. Defaults to 10000.

    Call arguments:
        inputs: queries or keys.

    Input shape:
        `(batch, prefix + rows * columns, heads, depth)`, with a depth that is a multiple of 4.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes below 1, or another depth or number of patches.

    Example:
        >>> tuple(RotaryEmbedding2D((4, 6))(np.ones((2, 25, 3, 16), "float32")).shape)
        (2, 25, 3, 16)

    Reference:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021; for images as Fang et al.,
        "EVA-02: A Visual Representation for Neon Genesis", 2023.
    """

    def __init__(
        self,
        grid: Sequence[int],
        prefix: int = 1,
        reference: Sequence[int] = (16, 16),
        temperature: float = 10_000.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for size in (*grid, *reference):
            check_sizes(grid=size)
        self.grid = tuple(grid)
        self.prefix = prefix
        self.reference = tuple(reference)
        self.temperature = temperature
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        patches, depth = self.prefix + self.grid[0] * self.grid[1], input_shape[-1]
        if depth is None or depth % 4 or input_shape[1] not in (None, patches):
            raise ValueError(
                f"Expected inputs (batch, {patches}, heads, depth), depth a multiple of 4. Received: shape="
                f"{tuple(input_shape)}."
            )
        paces = self.temperature ** -(np.arange(depth // 4) / (depth // 4))
        places = np.meshgrid(
            *(np.arange(size) / size * full for size, full in zip(self.grid, self.reference, strict=True)),
            indexing="ij",
        )
        angles = np.stack(places, axis=-1).reshape(-1, 2, 1) * paces  # (patches, rows and columns, depth / 4)
        angles = np.concatenate([np.zeros((self.prefix, depth // 2)), angles.reshape(-1, depth // 2)])
        pairs = np.repeat(angles, 2, axis=-1)[:, None]  # (patches, 1, depth)
        self.sine, self.cosine = np.sin(pairs).astype("float32"), np.cos(pairs).astype("float32")

    def call(self, inputs: Any) -> Any:
        even, odd = inputs[..., ::2], inputs[..., 1::2]
        turned = ops.reshape(ops.stack([-odd, even], axis=-1), ops.shape(inputs))
        return inputs * ops.cast(self.cosine, inputs.dtype) + turned * ops.cast(self.sine, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "grid": self.grid,
            "prefix": self.prefix,
            "reference": self.reference,
            "temperature": self.temperature,
        }
