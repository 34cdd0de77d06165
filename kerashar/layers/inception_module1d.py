"""Inception module over time."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.quick_layer import QuickLayer

_POOL = 3  # samples of the max-pooling branch, as published


@keras.saving.register_keras_serializable(package="kerashar")
class InceptionModule1D(QuickLayer):
    """Looks at a signal through kernels of several sizes and a max pooling, side by side, then normalises.

    Use it as the unit of `InceptionTime`. Unlike `MultiScaleConv1D` it narrows the signal ahead of its long kernels,
    which makes them affordable, and has a branch that small shifts leave unchanged.

    Args:
        filters: channels of each branch; there is one branch for each kernel size and one for the pooling.
            Defaults to 32.
        kernel_sizes: numbers of taps. Defaults to (40, 20, 10).
        bottleneck: channels to which a signal of more than one is brought ahead of the kernels, or `None` to leave
            it as it is. Defaults to 32.

    Call arguments:
        inputs: signal.
        training: whether batch normalisation learns.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, time, filters * (len(kernel_sizes) + 1))`.

    Raises:
        ValueError: a size below 1, or no kernel size.

    Example:
        >>> import numpy as np
        >>> tuple(InceptionModule1D()(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 128)

    Reference:
        Ismail Fawaz et al., "InceptionTime: Finding AlexNet for Time Series Classification", 2020, equal to the
        authors' code: convolutions without bias, batch normalisation with epsilon 1e-3 and momentum 0.99, ReLU.
    """

    def __init__(
        self,
        filters: int = 32,
        kernel_sizes: Sequence[int] = (40, 20, 10),
        bottleneck: int | None = 32,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters, **({} if bottleneck is None else {"bottleneck": bottleneck}))
        if not kernel_sizes:
            raise ValueError(f"Expected at least one kernel size. Received: kernel_sizes={kernel_sizes!r}.")
        self.filters = filters
        self.kernel_sizes = tuple(kernel_sizes)
        self.bottleneck = bottleneck
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.scales = [
            self._convolution(filters, size, f"scale_{index + 1}") for index, size in enumerate(self.kernel_sizes)
        ]
        self.pool = keras.layers.MaxPooling1D(_POOL, 1, "same", dtype=self.dtype_policy, name="pool")
        self.pool_projection = self._convolution(filters, 1, "pool_projection")
        self.norm = BatchNormalization(epsilon=1e-3, momentum=0.99, dtype=self.dtype_policy, name="norm")

    @property
    def span(self) -> int:
        """Samples that reach one output, by the longest branch."""
        return max(_POOL, *self.kernel_sizes)

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.narrow = None
        narrowed = input_shape
        if self.bottleneck is not None and known_channels(input_shape) > 1:
            self.narrow = self._convolution(self.bottleneck, 1, "narrow")
            self.narrow.build(input_shape)
            narrowed = self.narrow.compute_output_shape(input_shape)
        for scale in self.scales:
            scale.build(narrowed)
        self.pool_projection.build(input_shape)
        self.norm.build(self.compute_output_shape(input_shape))

    def call(self, inputs: Any, training: bool = False) -> Any:
        narrowed = inputs if self.narrow is None else self.narrow(inputs)
        branches = [scale(narrowed) for scale in self.scales]
        branches.append(self.pool_projection(self.pool(inputs)))
        return ops.relu(self.norm(ops.concatenate(branches, axis=-1), training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.filters * (len(self.kernel_sizes) + 1))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_sizes": self.kernel_sizes,
            "bottleneck": self.bottleneck,
        }

    def _convolution(self, filters: int, size: int, name: str) -> Conv1D:
        # No bias: the batch normalisation would take it away.
        return Conv1D(filters, size, use_bias=False, dtype=self.dtype_policy, name=name)
