"""What all convolutions over time share."""

from collections.abc import Iterable
from typing import Any, Literal, Protocol, get_args

import keras
from keras import ops

from kerashar.layers.checks import check_sizes
from kerashar.layers.choices import own_initializer
from kerashar.layers.quick_layer import QuickLayer

Padding = Literal["same", "valid", "causal"]


class TemporalConvolution(QuickLayer):
    """Sizes, padding and shapes of a convolution over time; `Conv1D` and `DepthwiseConv1D` add the weights.

    Use it as the base of a new convolution: give `build`, `call` and `output_channels`. Unlike Keras' own layers
    each padding works with each stride, dilation and window length, a dynamic one included.

    Args:
        kernel_size: number of taps.
        strides: step between outputs, in samples.
        padding: `"same"` (output length `ceil(time / strides)`), `"valid"`, or `"causal"` (an output depends on its
            own and earlier samples only).
        dilation_rate: distance between taps, in samples.
        use_bias: whether a bias is added.
        kernel_initializer: initialiser of the taps.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, outputs, output_channels(channels))`.

    Raises:
        ValueError: a size below 1, an unknown padding, or a window shorter than the filter with `"valid"`.
    """

    def __init__(
        self,
        kernel_size: int,
        strides: int = 1,
        padding: Padding = "same",
        dilation_rate: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
        if padding not in get_args(Padding):
            raise ValueError(f"Expected padding to be one of {get_args(Padding)}. Received: padding={padding!r}.")
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding: Padding = padding
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias
        self.kernel_initializer = own_initializer(kernel_initializer)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def span(self) -> int:
        """Samples from a filter's first tap to its last, both counted."""
        return (self.kernel_size - 1) * self.dilation_rate + 1

    def output_channels(self, channels: int) -> int:
        """Channels that come out where `channels` come in."""
        raise TypeError(f"Expected {type(self).__name__} to define output_channels.")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, channels = input_shape
        if time is not None:
            self._check_length(time)
            before, after = self._zeros_around(time)
            time = (time + before + after - self.span) // self.strides + 1
        return (batch, time, None if channels is None else self.output_channels(channels))

    def check_streams(self) -> None:
        """Refuse, in the words of a stream's refusal, a convolution whose outputs depend on later samples."""
        if self.padding != "causal" and self.kernel_size > 1:
            raise ValueError(f"has padding={self.padding!r}, and only padding='causal' never waits for later samples")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }

    def _zeros_for(self, inputs: Any) -> tuple[Any, Any]:
        """Zeros before and after the time axis of a tensor."""
        time = inputs.shape[1] if inputs.shape[1] is not None else ops.shape(inputs)[1]
        self._check_length(time)
        return self._zeros_around(time)

    def _check_length(self, time: Any) -> None:
        shortest = self.span if self.padding == "valid" else 1
        if isinstance(time, int) and time < shortest:
            raise ValueError(
                f"Expected a window of at least {shortest} samples with padding={self.padding!r}. "
                f"Received: {time} samples."
            )

    def _zeros_around(self, time: Any) -> tuple[Any, Any]:
        reach = self.span - 1
        if self.padding == "valid":
            return 0, 0
        if self.padding == "causal":
            return reach, 0
        if self.strides > 1:  # as Keras: so many that ceil(time / strides) outputs fit
            reach = reach - (time - 1) % self.strides
            reach = max(reach, 0) if isinstance(reach, int) else ops.maximum(reach, 0)
        return reach // 2, reach - reach // 2


class TimeMixing(Protocol):
    """A layer that mixes a bounded stretch of time, as `kerashar.receptive_field` reads it."""

    @property
    def span(self) -> int: ...
    @property
    def strides(self) -> int: ...


def combined_span(layers: Iterable[TimeMixing]) -> int:
    """Samples that reach one output of layers in a row.

    Example:
        >>> from kerashar.layers import Conv1D
        >>> combined_span([Conv1D(8, 3, strides=2), Conv1D(8, 3)])
        7
    """
    span = step = 1
    for layer in layers:
        span += (layer.span - 1) * step
        step *= layer.strides
    return span
