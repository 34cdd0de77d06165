"""Convolution over time."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.temporal_convolution import Padding, TemporalConvolution


@keras.saving.register_keras_serializable(package="kerashar")
class Conv1D(TemporalConvolution):
    """Convolves all channels over time.

    Use it where time and channels mix together; `DepthwiseSeparableConv1D` is cheaper. Unlike `keras.layers.Conv1D`
    it allows strides together with dilation, and a kernel of one tap is a matrix product.

    Args:
        filters: channels that come out.
        kernel_size: number of taps.
        strides: step between outputs, in samples. Defaults to 1.
        padding: `"same"` (as Keras: output length `ceil(time / strides)`), `"valid"`, or `"causal"` (an output
            depends on its own and earlier samples only). Defaults to `"same"`.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        use_bias: whether a bias is added. Defaults to True.
        kernel_initializer: initialiser of the taps `(taps, channels, filters)`. Defaults to `"glorot_uniform"`.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, outputs, filters)`.

    Raises:
        ValueError: a size below 1, an unknown padding, or a window shorter than the filter with `"valid"`.

    Example:
        >>> import numpy as np
        >>> tuple(Conv1D(32, 7, strides=2, dilation_rate=2)(np.ones((2, 128, 9), "float32")).shape)
        (2, 64, 32)

    Reference:
        Waibel et al., "Phoneme Recognition Using Time-Delay Neural Networks", 1989.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: Padding = "same",
        dilation_rate: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, kernel_initializer, **kwargs)
        check_sizes(filters=filters)
        self.filters = filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            shape=(self.kernel_size, known_channels(input_shape), self.filters),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        backend.lay_out_kernel(self.kernel)
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def output_channels(self, channels: int) -> int:
        return self.filters

    def call(self, inputs: Any) -> Any:
        return self._convolve(inputs, ops.convert_to_tensor(self.kernel))

    def stream(self, program: Any, inputs: Any) -> Any:
        self.check_streams()
        bias = self.bias if self.use_bias else None
        return program.convolve(inputs, self.kernel, bias, self.dilation_rate, self.strides)

    def _convolve(self, inputs: Any, kernel: Any) -> Any:
        zeros = self._zeros_for(inputs)
        bias = self.bias if self.use_bias else None
        return backend.conv1d(inputs, kernel, zeros, self.strides, self.dilation_rate, bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}
