"""Global response normalisation."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class GlobalResponseNormalization(QuickLayer):
    """Lets the channels of an image compete: each grows with its length's share of the mean length, and adds to itself.

    Use it in the wide part of a ConvNeXt block, where channels otherwise die or all say the same.

    Args:
        epsilon: what keeps the division safe. Defaults to 1e-6.

    Call arguments:
        inputs: image.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: unknown channels.

    Example:
        >>> import numpy as np
        >>> tuple(GlobalResponseNormalization()(np.ones((2, 8, 8, 4), "float32")).shape)
        (2, 8, 8, 4)

    Reference:
        Woo et al., "ConvNeXt V2: Co-designing and Scaling ConvNets with Masked Autoencoders", 2023.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        self.gamma = self.add_weight(shape=(channels,), initializer="zeros", name="gamma")
        self.beta = self.add_weight(shape=(channels,), initializer="zeros", name="beta")

    def call(self, inputs: Any) -> Any:
        # In float32, since squares leave the range of float16; the root of a dead channel would have no gradient.
        squares = ops.sum(ops.square(ops.cast(inputs, "float32")), axis=(1, 2), keepdims=True)
        lengths = ops.sqrt(ops.maximum(squares, 1e-20))
        share = lengths / (ops.mean(lengths, axis=-1, keepdims=True) + self.epsilon)
        return inputs + self.beta + inputs * (self.gamma * ops.cast(share, inputs.dtype))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}
