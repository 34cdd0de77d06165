"""Depthwise convolution over time."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.temporal_convolution import Padding, TemporalConvolution


@keras.saving.register_keras_serializable(package="kerashar")
class DepthwiseConv1D(TemporalConvolution):
    """Convolves each channel over time with filters of its own.

    Use it to mix time cheaply before a `Dense` mixes channels. Unlike `keras.layers.DepthwiseConv1D` it has
    `padding="causal"`, allows strides together with dilation, and runs each backend's fastest path.

    Args:
        kernel_size: number of taps.
        strides: step between outputs, in samples. Defaults to 1.
        padding: `"same"` (as Keras: output length `ceil(time / strides)`), `"valid"`, or `"causal"` (an output
            depends on its own and earlier samples only). Defaults to `"same"`.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        depth_multiplier: filters for each channel. Defaults to 1.
        use_bias: whether a bias is added. Defaults to True.
        kernel_initializer: initialiser of the taps, which are kept as `(taps, 1, filters)` so that the fan-in is
            the number of taps. Defaults to `"lecun_normal"`.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, outputs, channels * depth_multiplier)`.

    Raises:
        ValueError: a size below 1, an unknown padding, or a window shorter than the filter with `"valid"`.

    Example:
        >>> import numpy as np
        >>> signal = np.ones((2, 128, 9), "float32")
        >>> tuple(DepthwiseConv1D(7, padding="causal", dilation_rate=2)(signal).shape)
        (2, 128, 9)

    Reference:
        Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017.
    """

    def __init__(
        self,
        kernel_size: int,
        strides: int = 1,
        padding: Padding = "same",
        dilation_rate: int = 1,
        depth_multiplier: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "lecun_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(kernel_size, strides, padding, dilation_rate, use_bias, kernel_initializer, **kwargs)
        check_sizes(depth_multiplier=depth_multiplier)
        self.depth_multiplier = depth_multiplier

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        filters = self.output_channels(known_channels(input_shape))
        self.kernel = self.add_weight(
            shape=(self.kernel_size, 1, filters), initializer=self.kernel_initializer, name="kernel"
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(filters,), initializer="zeros", name="bias")

    def output_channels(self, channels: int) -> int:
        return channels * self.depth_multiplier

    def call(self, inputs: Any) -> Any:
        return self._convolve(inputs, ops.convert_to_tensor(self.kernel))

    def stream(self, program: Any, inputs: Any) -> Any:
        return self._stream(program, inputs, self.kernel)

    def _stream(self, program: Any, inputs: Any, kernel: Any) -> Any:
        self.check_streams()
        bias = self.bias if self.use_bias else None
        return program.depthwise(inputs, kernel, bias, self.dilation_rate, self.strides, self.depth_multiplier)

    def _convolve(self, inputs: Any, kernel: Any) -> Any:
        zeros = self._zeros_for(inputs)
        bias = self.bias if self.use_bias else None
        return backend.depthwise_conv1d(inputs, kernel, zeros, self.strides, self.dilation_rate, bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}
