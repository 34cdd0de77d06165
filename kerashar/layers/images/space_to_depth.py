"""Pixels into channels."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_image_sides, check_sizes, known_channels
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class SpaceToDepth(QuickLayer):
    """Turns each square of pixels into one, whose channels are those of all of them.

    Use it to halve an image without the loss that strides and pooling bring. It has no weights.

    Args:
        block_size: side of the square. Defaults to 2.

    Call arguments:
        inputs: image.

    Input shape:
        `(batch, height, width, channels)`, with sides that are multiples of `block_size`.

    Output shape:
        `(batch, height / block_size, width / block_size, channels * block_size ** 2)`. The channels of the square's
        first pixel come first, those of its first row before those of its second.

    Raises:
        ValueError: a size below 1, or sides that it doesn't divide.

    Example:
        >>> import numpy as np
        >>> tuple(SpaceToDepth(4)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 8, 12, 48)

    Reference:
        Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
        Neural Network", 2016, in reverse; the order of channels is TensorFlow's.
    """

    def __init__(self, block_size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(block_size=block_size)
        self.block_size = block_size
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        check_image_sides([side or self.block_size for side in input_shape[1:]], multiple_of=self.block_size)

    def call(self, inputs: Any) -> Any:
        size = self.block_size
        batch, height, width, channels = ops.shape(inputs)
        squares = ops.reshape(inputs, (batch, height // size, size, width // size, size, channels))
        pixels = ops.transpose(squares, (0, 1, 3, 2, 4, 5))
        return ops.reshape(pixels, (batch, height // size, width // size, channels * size**2))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, _ = input_shape
        halved = (side and side // self.block_size for side in sides)
        return (batch, *halved, known_channels(input_shape) * self.block_size**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block_size": self.block_size}
