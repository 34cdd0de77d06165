"""Convolution over time with weight normalisation."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels
from kerashar.layers.conv1d import Conv1D


@keras.saving.register_keras_serializable(package="kerashar")
class WeightNormalizedConv1D(Conv1D):
    """Convolves all channels over time by kernels whose length and direction are learned apart.

    Use it in place of `Conv1D` with a normalisation, where batches are small or each step has to stand alone: it
    needs no statistics of the signal. `kernel` is `gain * direction / |direction|`, its norm taken over taps and
    channels for each filter. At the start the gain is that norm, so the first kernel is the initialiser's.

    Args:
        filters: channels that come out.
        kernel_size: number of taps.
        strides: step between outputs, in samples. Defaults to 1.
        padding: `"same"` (as Keras: output length `ceil(time / strides)`), `"valid"`, or `"causal"` (an output
            depends on its own and earlier samples only). Defaults to `"same"`.
        dilation_rate: distance between taps, in samples. Defaults to 1.
        use_bias: whether a bias is added. Defaults to True.
        kernel_initializer: initialiser of the direction `(taps, channels, filters)`. Defaults to `"glorot_uniform"`.

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
        >>> layer = WeightNormalizedConv1D(32, 3, padding="causal", dilation_rate=4)
        >>> tuple(layer(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 32)

    Reference:
        Salimans and Kingma, "Weight Normalization: A Simple Reparameterization to Accelerate Training of Deep Neural
        Networks", 2016. Theirs starts from the statistics of a first batch; ours, as PyTorch's, from the initialiser.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        # Kept in float32 under mixed precision too: squares of small weights vanish in float16.
        self.direction = self.add_weight(
            shape=(self.kernel_size, known_channels(input_shape), self.filters),
            initializer=self.kernel_initializer,
            autocast=False,
            name="direction",
        )
        self.gain = self.add_weight(
            shape=(self.filters,),
            initializer=lambda shape, dtype: self._direction_norm(),
            autocast=False,
            name="gain",
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    @property
    def kernel(self) -> Any:
        """The kernel `(taps, channels, filters)` that is applied."""
        return ops.cast(self.direction * (self.gain / self._direction_norm()), self.compute_dtype)

    def _direction_norm(self) -> Any:
        squares = ops.sum(ops.square(self.direction), axis=(0, 1))
        return ops.sqrt(ops.maximum(squares, 1e-24))  # a direction of zeros gives a kernel of zeros, not NaN
