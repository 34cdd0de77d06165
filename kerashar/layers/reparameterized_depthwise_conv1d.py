"""Large-kernel depthwise convolution with structural re-parameterisation."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.choices import normalization_layer
from kerashar.layers.depthwise_conv1d import DepthwiseConv1D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class ReparameterizedDepthwiseConv1D(QuickLayer):
    """Trains a large and a small depthwise kernel side by side, and merges them into one for prediction.

    Use it where a large kernel alone trains badly: the small one finds local patterns, which the large one tends to
    miss. Each has a batch normalisation of its own; `merge` folds all four into one kernel and bias with the same
    outputs.

    Args:
        kernel_size: odd number of taps of the large kernel.
        small_kernel_size: odd number of taps of the small one, at most `kernel_size`. Defaults to 5.
        merged: whether the layer is the one convolution that `merge` makes. Defaults to False.
        kernel_initializer: initialiser of every kernel. Defaults to `"lecun_normal"`.

    Call arguments:
        inputs: signal.
        training: whether the batch normalisations use and learn the batch's statistics.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: kernel sizes that are even or below 1, or a small kernel larger than the large one; `merge` on a
            layer that is merged, or has no weights yet.

    Example:
        >>> import numpy as np
        >>> signal = np.ones((2, 128, 9), "float32")
        >>> layer = ReparameterizedDepthwiseConv1D(31)
        >>> layer.build(signal.shape)
        >>> outputs, merged = (keras.ops.convert_to_numpy(each(signal)) for each in (layer, layer.merge()))
        >>> np.allclose(merged, outputs, atol=1e-5), layer.count_params(), layer.merge().count_params()
        (True, 396, 288)

    Reference:
        Ding et al., "Scaling Up Your Kernels to 31x31" (RepLKNet), 2022; over time as in Luo and Wang, "ModernTCN",
        2024.
    """

    def __init__(
        self,
        kernel_size: int,
        small_kernel_size: int = 5,
        merged: bool = False,
        kernel_initializer: Any = "lecun_normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(kernel_size=kernel_size, small_kernel_size=small_kernel_size)
        if kernel_size % 2 == 0 or small_kernel_size % 2 == 0 or small_kernel_size > kernel_size:
            raise ValueError(
                "Expected odd kernel sizes, the small one at most the large one. "
                f"Received: kernel_size={kernel_size}, small_kernel_size={small_kernel_size}."
            )
        self.kernel_size = kernel_size
        self.small_kernel_size = small_kernel_size
        self.merged = merged
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        sizes = {"merged": kernel_size} if merged else {"large": kernel_size, "small": small_kernel_size}
        self.convolutions = [
            DepthwiseConv1D(
                size,
                use_bias=merged,  # a batch normalisation beside it would take it away
                kernel_initializer=self.kernel_initializer,
                dtype=self.dtype_policy,
                name=name,
            )
            for name, size in sizes.items()
        ]

    @property
    def span(self) -> int:
        """Samples from the large kernel's first tap to its last, both counted."""
        return self.kernel_size

    @property
    def strides(self) -> int:
        """Step between outputs, in samples."""
        return 1

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        self.normalizations = []
        for convolution in self.convolutions:
            convolution.build(input_shape)
            if not self.merged:
                name = f"{convolution.name}_normalization"
                normalization = normalization_layer("batch", channels, dtype=self.dtype_policy, name=name)
                normalization.build(input_shape)
                self.normalizations.append(normalization)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if self.merged:
            return self.convolutions[0](inputs)
        large, small = (
            normalization(convolution(inputs), training=training)
            for convolution, normalization in zip(self.convolutions, self.normalizations, strict=True)
        )
        return large + small

    def merge(self) -> "ReparameterizedDepthwiseConv1D":
        """A new layer of one convolution, whose outputs equal this one's in inference."""
        if self.merged or not self.built:
            raise ValueError(f"Expected a built layer with merged=False. Received: {self.merged=}, {self.built=}.")
        kernel = bias = 0.0
        for convolution, normalization in zip(self.convolutions, self.normalizations, strict=True):
            factor = normalization.gamma / ops.sqrt(normalization.moving_variance + normalization.epsilon)
            around = (self.kernel_size - convolution.kernel_size) // 2
            kernel += ops.pad(convolution.kernel * factor, ((around, around), (0, 0), (0, 0)))
            bias += normalization.beta - normalization.moving_mean * factor
        layer = type(self).from_config({**self.get_config(), "merged": True})
        layer.build_from_config(self.get_build_config())
        layer.set_weights([ops.convert_to_numpy(kernel), ops.convert_to_numpy(bias)])
        return layer

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "small_kernel_size": self.small_kernel_size,
            "merged": self.merged,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
