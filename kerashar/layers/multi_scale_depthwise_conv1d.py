"""Depthwise convolution over time at several scales."""

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from kerashar.layers.checks import known_channels
from kerashar.layers.depthwise_conv1d import DepthwiseConv1D


@keras.saving.register_keras_serializable(package="kerashar")
class MultiScaleDepthwiseConv1D(DepthwiseConv1D):
    """Adds depthwise convolutions of several kernel sizes, at the cost of the largest alone.

    Use it where short and long patterns matter in every channel. A sum of parallel convolutions is one convolution
    with the sum of their kernels, so the smaller kernels are zero-padded, added and applied once. What the separate
    weights change is the training: each scale gets its own initialisation and its own step.

    Args:
        kernel_sizes: numbers of taps, all odd with `"same"` padding so that they share a centre.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        padding: `"same"` or `"causal"`. Defaults to `"same"`.
        kernel_initializer: initialiser of every kernel. Defaults to `"lecun_normal"`.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        `(batch, time, channels)`.

    Raises:
        ValueError: no kernel size, an even one with `"same"`, or an unknown padding.

    Example:
        >>> import numpy as np
        >>> signal = np.ones((2, 128, 9), "float32")
        >>> tuple(MultiScaleDepthwiseConv1D((3, 7), dilation_rate=2)(signal).shape)
        (2, 128, 9)

    Reference:
        Ding et al., "Scaling Up Your Kernels to 31x31" (RepLKNet), 2022, merge a small kernel into a large one after
        training and keep a batch normalisation in each branch; here the branches are linear and merged all along.
    """

    def __init__(
        self,
        kernel_sizes: Sequence[int],
        dilation_rate: int = 1,
        padding: Literal["same", "causal"] = "same",
        kernel_initializer: Any = "lecun_normal",
        **kwargs: Any,
    ) -> None:
        if not kernel_sizes:
            raise ValueError(f"Expected at least one kernel size. Received: kernel_sizes={kernel_sizes!r}.")
        if padding not in ("same", "causal"):
            raise ValueError(f"Expected padding to be 'same' or 'causal'. Received: padding={padding!r}.")
        if padding == "same" and any(size % 2 == 0 for size in kernel_sizes):
            raise ValueError(
                f"Expected odd kernel sizes with padding='same'. Received: kernel_sizes={tuple(kernel_sizes)}."
            )
        super().__init__(
            kernel_size=max(kernel_sizes),
            dilation_rate=dilation_rate,
            padding=padding,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.kernel_sizes = tuple(kernel_sizes)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        self.kernels = [
            self.add_weight(shape=(size, 1, channels), initializer=self.kernel_initializer, name=f"kernel_{size}")
            for size in self.kernel_sizes
        ]
        self.bias = self.add_weight(shape=(channels,), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        return self._convolve(inputs, self.merged_kernel())

    def stream(self, program: Any, inputs: Any) -> Any:
        return self._stream(program, inputs, self.merged_kernel())

    def merged_kernel(self) -> Any:
        """The one kernel `(taps, 1, channels)` that does the work of all."""
        merged = []
        for size, kernel in zip(self.kernel_sizes, self.kernels, strict=True):
            missing = self.kernel_size - size
            before = missing if self.padding == "causal" else missing // 2
            merged.append(ops.pad(kernel, ((before, missing - before), (0, 0), (0, 0))))
        return sum(merged[1:], start=merged[0])

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for fixed in ("kernel_size", "strides", "depth_multiplier", "use_bias"):
            del config[fixed]
        return {**config, "kernel_sizes": self.kernel_sizes}
