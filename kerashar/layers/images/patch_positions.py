"""Class token and learned positions."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class PatchPositions(QuickLayer):
    """Puts a class token ahead of an image's patches and adds to each what is learned of its place.

    Use it between `PatchConv2D` and the blocks of a vision transformer.

    Call arguments:
        inputs: patches in their places.

    Input shape:
        `(batch, rows, columns, width)`.

    Output shape:
        `(batch, 1 + rows * columns, width)`, row after row.

    Raises:
        ValueError: an unknown size.

    Example:
        >>> import numpy as np
        >>> tuple(PatchPositions()(np.ones((2, 4, 6, 32), "float32")).shape)
        (2, 25, 32)

    Reference:
        Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        _, rows, columns, _ = input_shape
        width = known_channels(input_shape)
        if rows is None or columns is None:
            raise ValueError(f"Expected known rows and columns. Received: input_shape={tuple(input_shape)}.")
        self.token = self.add_weight(shape=(1, 1, width), initializer=SMALL_NORMAL, name="token")
        self.positions = self.add_weight(
            shape=(1, 1 + rows * columns, width), initializer=SMALL_NORMAL, name="positions"
        )

    def call(self, inputs: Any) -> Any:
        batch, rows, columns, width = ops.shape(inputs)
        token = ops.broadcast_to(ops.cast(self.token, inputs.dtype), (batch, 1, width))
        patches = ops.reshape(inputs, (batch, rows * columns, width))
        return ops.concatenate([token, patches], axis=1) + self.positions

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, rows, columns, width = input_shape
        return (batch, rows and columns and 1 + rows * columns, width)
