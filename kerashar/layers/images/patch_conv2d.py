"""Convolution of patches that don't overlap."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_image_sides, check_sizes, known_channels
from kerashar.layers.choices import own_initializer
from kerashar.layers.images.space_to_depth import SpaceToDepth
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class PatchConv2D(QuickLayer):
    """Cuts an image into square patches and transforms each to one pixel of `filters` channels.

    Use it as the stem of a network that begins with patches, and to halve an image between stages. It is a convolution
    whose strides are its kernel's size, written as one product of matrices. Pixels that fill no patch are left out.

    Args:
        filters: channels that come out.
        patch_size: side of a patch, in pixels.
        kernel_initializer: initialiser of the kernel `(patch_size, patch_size, channels, filters)`. Defaults to
            `"glorot_uniform"`.

    Call arguments:
        inputs: image.

    Input shape:
        `(batch, height, width, channels)`, of at least one patch.

    Output shape:
        `(batch, height // patch_size, width // patch_size, filters)`.

    Raises:
        ValueError: a size below 1, or an image smaller than a patch.

    Example:
        >>> import numpy as np
        >>> tuple(PatchConv2D(96, 4)(np.ones((2, 32, 49, 3), "float32")).shape)
        (2, 8, 12, 96)

    Reference:
        Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021.
    """

    def __init__(
        self, filters: int, patch_size: int, kernel_initializer: Any = "glorot_uniform", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, patch_size=patch_size)
        self.filters = filters
        self.patch_size = patch_size
        self.kernel_initializer = own_initializer(kernel_initializer)
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self.cut = SpaceToDepth(patch_size, dtype=self.dtype_policy, name="cut")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        check_image_sides([side or self.patch_size for side in input_shape[1:]], at_least=self.patch_size)
        shape = (self.patch_size, self.patch_size, known_channels(input_shape), self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        height, width = (side // self.patch_size * self.patch_size for side in inputs.shape[1:3])
        patches = self.cut(inputs[:, :height, :width])
        return backend.dense(patches, ops.reshape(self.kernel, (-1, self.filters)), self.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sides, _ = input_shape
        return (batch, *(side and side // self.patch_size for side in sides), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "patch_size": self.patch_size,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
