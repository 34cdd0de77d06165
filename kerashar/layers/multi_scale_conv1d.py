"""Convolution over time at several scales."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_sizes
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class MultiScaleConv1D(QuickLayer):
    """Convolves a signal by kernels of several sizes in parallel, and puts their outputs side by side.

    Use it where patterns of different length matter: a heel strike and a whole step, say. The filters are shared out
    evenly among the kernel sizes, so the output is as wide as that of a single convolution.

    Args:
        filters: channels that come out, at least one for each kernel size.
        kernel_sizes: numbers of taps.
        strides: step between outputs, in samples. Defaults to 1.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        use_bias: whether a bias is added. Defaults to True.
        kernel_initializer: initialiser of the taps. Defaults to `"glorot_uniform"`.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, ceil(time / strides), filters)`.

    Raises:
        ValueError: no kernel size, a size below 1, or fewer filters than kernel sizes.

    Example:
        >>> import numpy as np
        >>> tuple(MultiScaleConv1D(32, (3, 7, 15))(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 32)

    Reference:
        Szegedy et al., "Going Deeper with Convolutions", 2015; here over time, without bottleneck and pooling.
    """

    def __init__(
        self,
        filters: int,
        kernel_sizes: Sequence[int],
        strides: int = 1,
        dilation_rate: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters)
        if not 1 <= len(kernel_sizes) <= filters:
            raise ValueError(
                f"Expected 1 to {filters} kernel sizes for {filters} filters. Received: "
                f"kernel_sizes={tuple(kernel_sizes)}."
            )
        self.filters = filters
        self.kernel_sizes = tuple(kernel_sizes)
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        share, rest = divmod(filters, len(self.kernel_sizes))
        self.scales = [
            Conv1D(
                share + (index < rest),
                size,
                strides,
                dilation_rate=dilation_rate,
                use_bias=use_bias,
                kernel_initializer=kernel_initializer,
                dtype=self.dtype_policy,
                name=f"scale_{index + 1}",
            )
            for index, size in enumerate(self.kernel_sizes)
        ]

    @property
    def span(self) -> int:
        """Samples that reach one output, by the longest kernel."""
        return max(scale.span for scale in self.scales)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for scale in self.scales:
            scale.build(input_shape)

    def call(self, inputs: Any) -> Any:
        return ops.concatenate([scale(inputs) for scale in self.scales], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*self.scales[0].compute_output_shape(input_shape)[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_sizes": self.kernel_sizes,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
