"""Convolution over images that are padded alike at each edge."""

from typing import Any

import keras

from kerashar import backend
from kerashar.layers.quick_layer import QuickLayer

FIXED = ("padding", "data_format", "dilation_rate", "groups")


@keras.saving.register_keras_serializable(package="kerashar")
class PaddedConv2D(QuickLayer, keras.layers.Conv2D):
    """A convolution that puts as many zeros ahead of an image as behind it.

    Use it where weights of PyTorch's models have to fit: with strides, `padding="same"` of Keras puts one zero more
    behind than ahead, and so convolves other places.

    Args:
        filters: channels that come out.
        kernel_size: height and width of the kernels.
        strides: step between outputs, in pixels. Defaults to 1.
        margin: zeros at each edge, in pixels. Defaults to half a kernel.
        **kwargs: as those of `keras.layers.Conv2D`, without `padding`, `data_format`, `dilation_rate` and `groups`.

    Call arguments:
        inputs: image.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, (height + 2 * margin - kernel_size) // strides + 1, ..., filters)`.

    Raises:
        ValueError: a size below 1, a margin below 0, or a setting that is fixed.

    Example:
        >>> import numpy as np
        >>> tuple(PaddedConv2D(16, 3, strides=2)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 16)

    Reference:
        Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016.
    """

    def __init__(
        self, filters: int, kernel_size: int, strides: int = 1, margin: int | None = None, **kwargs: Any
    ) -> None:
        if given := [name for name in FIXED if name in kwargs]:
            raise ValueError(f"Expected none of {', '.join(FIXED)}, which are fixed. Received: {', '.join(given)}.")
        super().__init__(filters, kernel_size, strides, **kwargs)
        if margin is not None and margin < 0:
            raise ValueError(f"Expected margin to be at least 0. Received: margin={margin}.")
        self.margin = margin

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        backend.lay_out_kernel(self.kernel)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        return backend.conv2d(inputs, kernel, 1, self.strides, self._margin(), (1, 1))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, channels = input_shape
        padded = (side and side + 2 * self._margin() for side in sides)
        return super().compute_output_shape((batch, *padded, channels))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for fixed in FIXED:
            config.pop(fixed)
        return {**config, "kernel_size": self.kernel_size[0], "strides": self.strides[0], "margin": self.margin}

    def _margin(self) -> int:
        return self.kernel_size[0] // 2 if self.margin is None else self.margin
