"""Projection of patches of time."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class PatchConv1D(QuickLayer):
    """Cuts the steps of each variable into patches and projects every patch by the same weights.

    Use it to shorten a window before the variables, such as the axes of a sensor, meet. Past its end the window goes
    on at its last value, so that there is a patch for each whole `patch_stride`, and at least one.

    Args:
        filters: features that come out.
        patch_size: steps of one patch.
        patch_stride: steps from one patch to the next, at most `patch_size`.
        use_bias: whether a bias is added. Defaults to True.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, variables, features)`; time may be `None`.

    Output shape:
        `(batch, max(time // patch_stride, 1), variables, filters)`.

    Raises:
        ValueError: a size below 1, a stride larger than the patch, or an unknown number of features.

    Example:
        >>> import numpy as np
        >>> tuple(PatchConv1D(32, patch_size=8, patch_stride=4)(np.ones((2, 130, 9, 1), "float32")).shape)
        (2, 32, 9, 32)

    Reference:
        Luo and Wang, "ModernTCN", 2024; patches of each variable apart are from Nie et al., "A Time Series is Worth
        64 Words", 2023.
    """

    def __init__(self, filters: int, patch_size: int, patch_stride: int, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, patch_size=patch_size, patch_stride=patch_stride)
        if patch_stride > patch_size:
            raise ValueError(
                "Expected a patch_stride of at most patch_size. "
                f"Received: patch_stride={patch_stride}, patch_size={patch_size}."
            )
        self.filters = filters
        self.patch_size = patch_size
        self.patch_stride = patch_stride
        self.use_bias = use_bias
        self.input_spec = keras.layers.InputSpec(ndim=4)

    @property
    def span(self) -> int:
        """Samples of one patch."""
        return self.patch_size

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return self.patch_stride

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (self.patch_size, known_channels(input_shape), self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        reach = (self._patches(ops.shape(inputs)[1]) - 1) * self.patch_stride + 1  # from the first start to the last
        padded = ops.concatenate([inputs, *[inputs[:, -1:]] * (self.patch_size - 1)], axis=1)
        taps = [padded[:, tap : tap + reach : self.patch_stride] for tap in range(self.patch_size)]
        patches = ops.concatenate(taps, axis=-1)  # (batch, patches, variables, patch_size * features)
        bias = self.bias if self.use_bias else None
        return backend.dense(patches, ops.reshape(self.kernel, (-1, self.filters)), bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, variables, _ = input_shape
        return (batch, None if time is None else self._patches(time), variables, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "patch_size": self.patch_size,
            "patch_stride": self.patch_stride,
            "use_bias": self.use_bias,
        }

    def _patches(self, time: Any) -> Any:
        whole = time // self.patch_stride
        return max(whole, 1) if isinstance(whole, int) else ops.maximum(whole, 1)
