"""Depthwise separable convolution over time."""

from typing import Any

import keras

from kerashar.layers.checks import check_sizes
from kerashar.layers.dense import Dense
from kerashar.layers.depthwise_conv1d import DepthwiseConv1D
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.temporal_convolution import Padding


@keras.saving.register_keras_serializable(package="kerashar")
class DepthwiseSeparableConv1D(QuickLayer):
    """Convolves each channel over time, then mixes the channels at each time step.

    Use it in place of `Conv1D` where weights and time count: with many channels it takes about one multiplication
    where that takes `kernel_size`. Unlike `keras.layers.SeparableConv1D` it has `padding="causal"` and allows strides
    together with dilation.

    Args:
        filters: channels that come out.
        kernel_size: number of taps.
        strides: step between outputs, in samples. Defaults to 1.
        padding: `"same"` (as Keras: output length `ceil(time / strides)`), `"valid"`, or `"causal"` (an output
            depends on its own and earlier samples only). Defaults to `"same"`.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        depth_multiplier: depthwise filters for each channel. Defaults to 1.
        use_bias: whether the mix of channels adds a bias; the depthwise filters have none. Defaults to True.
        depthwise_initializer: initialiser of the taps `(taps, 1, channels * depth_multiplier)`. Defaults to
            `"lecun_normal"`.
        pointwise_initializer: initialiser of the mix `(channels * depth_multiplier, filters)`. Defaults to
            `"glorot_uniform"`.

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
        >>> layer = DepthwiseSeparableConv1D(32, 7, strides=2, padding="causal", dilation_rate=2)
        >>> tuple(layer(np.ones((2, 128, 9), "float32")).shape)
        (2, 64, 32)

    Reference:
        Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017, over images. As there, nothing
        stands between the two steps.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: Padding = "same",
        dilation_rate: int = 1,
        depth_multiplier: int = 1,
        use_bias: bool = True,
        depthwise_initializer: Any = "lecun_normal",
        pointwise_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(filters=filters)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding: Padding = padding
        self.dilation_rate = dilation_rate
        self.depth_multiplier = depth_multiplier
        self.use_bias = use_bias
        self.depthwise_initializer = keras.initializers.get(depthwise_initializer)
        self.pointwise_initializer = keras.initializers.get(pointwise_initializer)
        self.depthwise = DepthwiseConv1D(
            kernel_size,
            strides,
            padding,
            dilation_rate,
            depth_multiplier,
            use_bias=False,  # the mix of channels has one, into which this one would merge
            kernel_initializer=self.depthwise_initializer,
            dtype=self.dtype_policy,
            name="depthwise",
        )
        self.pointwise = Dense(
            filters,
            use_bias=use_bias,
            # A copy of its own: an initialiser draws the same values for all layers that share it.
            kernel_initializer=self.pointwise_initializer.clone(),
            dtype=self.dtype_policy,
            name="pointwise",
        )

    @property
    def span(self) -> int:
        """Samples that reach one output."""
        return self.depthwise.span

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.depthwise.build(input_shape)
        self.pointwise.build(self.depthwise.compute_output_shape(input_shape))

    def call(self, inputs: Any) -> Any:
        return self.pointwise(self.depthwise(inputs))

    def stream(self, program: Any, inputs: Any) -> Any:
        return program.apply(self.pointwise, program.apply(self.depthwise, inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*self.depthwise.compute_output_shape(input_shape)[:2], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "depth_multiplier": self.depth_multiplier,
            "use_bias": self.use_bias,
            "depthwise_initializer": keras.initializers.serialize(self.depthwise_initializer),
            "pointwise_initializer": keras.initializers.serialize(self.pointwise_initializer),
        }
