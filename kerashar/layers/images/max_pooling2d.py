"""Largest values of squares of an image."""

from typing import Any

import keras

from kerashar import backend
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class MaxPooling2D(QuickLayer, keras.layers.MaxPooling2D):
    """The layer of Keras, without copies of the image into another order of axes on torch.

    Use it as `keras.layers.MaxPooling2D`, on images with channels last.

    Args:
        pool_size: side of the squares in pixels. Defaults to 2.
        strides: step between squares, in pixels. Defaults to None: `pool_size`.
        padding: `"valid"` or `"same"`. Defaults to `"valid"`.
        **kwargs: as those of every layer.

    Call arguments:
        inputs: image.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, (height - pool_size) // strides + 1, ..., channels)`, with `"same"` padding `ceil(height / strides)`.

    Raises:
        ValueError: a size below 1.

    Example:
        >>> import numpy as np
        >>> tuple(MaxPooling2D()(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 3)
    """

    def __init__(self, pool_size: int = 2, strides: int | None = None, padding: str = "valid", **kwargs: Any) -> None:
        super().__init__(pool_size, strides, padding, data_format="channels_last", **kwargs)

    def call(self, inputs: Any) -> Any:
        return backend.max_pool2d(inputs, self.pool_size, self.strides, self.padding)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config
