"""Brightness of colours."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.edges import LUMA, grayscale
from kerashar.features.feature import Feature


@keras.saving.register_keras_serializable(package="kerashar")
class Grayscale(Feature):
    """Turns red, green and blue into brightness: 0.299 red + 0.587 green + 0.114 blue.

    Use it ahead of edges, or where colour misleads.

    Call arguments:
        inputs: images of any range, such as [0, 1] or [0, 255].

    Input shape:
        `(batch, height, width, 3)`.

    Output shape:
        `(batch, height, width, 1)`, in the input's range.

    Raises:
        ValueError: images that have not three channels.

    Example:
        >>> tuple(Grayscale()(np.ones((4, 32, 32, 3), "float32")).shape)
        (4, 32, 32, 1)

    Reference:
        ITU-R BT.601, as mode "L" of Pillow, which rounds to whole numbers.
    """

    dimensions = (2,)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if input_shape[-1] != 3:
            raise ValueError(f"Expected images of 3 channels. Received: channels={input_shape[-1]}.")

    def extract(self, inputs: Any) -> Any:
        return brightness_of(inputs)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return grayscale

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 1)


def brightness_of(images: Any) -> Any:
    """Tensor `(batch, height, width, 1)` of one with three channels."""
    return ops.sum(images * ops.convert_to_tensor(LUMA.astype("float32")), axis=-1, keepdims=True)
