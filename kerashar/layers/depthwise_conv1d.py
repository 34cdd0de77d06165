"""Depthwise convolution over time."""

from typing import Any, Literal, get_args

import keras
from keras import ops

from kerashar import backend

Padding = Literal["same", "valid", "causal"]


@keras.saving.register_keras_serializable(package="kerashar")
class DepthwiseConv1D(keras.layers.Layer):
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
        super().__init__(**kwargs)
        sizes = {
            "kernel_size": kernel_size,
            "strides": strides,
            "dilation_rate": dilation_rate,
            "depth_multiplier": depth_multiplier,
        }
        for name, size in sizes.items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"Expected {name} to be a whole number of at least 1. Received: {name}={size!r}.")
        if padding not in get_args(Padding):
            raise ValueError(f"Expected padding to be one of {get_args(Padding)}. Received: padding={padding!r}.")
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding: Padding = padding
        self.dilation_rate = dilation_rate
        self.depth_multiplier = depth_multiplier
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def span(self) -> int:
        """Samples from a filter's first tap to its last, both counted."""
        return (self.kernel_size - 1) * self.dilation_rate + 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = self._known_channels(input_shape)
        self.kernel = self.add_weight(
            shape=(self.kernel_size, 1, channels * self.depth_multiplier),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(channels * self.depth_multiplier,), initializer="zeros", name="bias")

    def _known_channels(self, input_shape: tuple[int | None, ...]) -> int:
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(f"Expected a known number of channels. Received: input_shape={tuple(input_shape)}.")
        return channels

    def call(self, inputs: Any) -> Any:
        return self._convolve(inputs, ops.convert_to_tensor(self.kernel))

    def _convolve(self, inputs: Any, kernel: Any) -> Any:
        time = inputs.shape[1] if inputs.shape[1] is not None else ops.shape(inputs)[1]
        self._check_length(time)
        outputs = backend.depthwise_conv1d(inputs, kernel, self._zeros_around(time), self.strides, self.dilation_rate)
        return outputs + self.bias if self.use_bias else outputs

    def _check_length(self, time: Any) -> None:
        shortest = self.span if self.padding == "valid" else 1
        if isinstance(time, int) and time < shortest:
            raise ValueError(
                f"Expected a window of at least {shortest} samples with padding={self.padding!r}. "
                f"Received: {time} samples."
            )

    def _zeros_around(self, time: Any) -> tuple[Any, Any]:
        """Zeros before and after a signal of `time` samples."""
        reach = self.span - 1
        if self.padding == "valid":
            return 0, 0
        if self.padding == "causal":
            return reach, 0
        if self.strides > 1:  # as Keras: so many that ceil(time / strides) outputs fit
            reach = reach - (time - 1) % self.strides
            reach = max(reach, 0) if isinstance(reach, int) else ops.maximum(reach, 0)
        return reach // 2, reach - reach // 2

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, channels = input_shape
        if time is None:
            outputs = None
        else:
            self._check_length(time)
            before, after = self._zeros_around(time)
            outputs = (time + before + after - self.span) // self.strides + 1
        return (batch, outputs, None if channels is None else channels * self.depth_multiplier)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "depth_multiplier": self.depth_multiplier,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
