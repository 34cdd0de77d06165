"""Dense block over images."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_share, check_sizes, known_channels
from kerashar.layers.choices import Activation, Normalization, activation_layer, check_choices, normalization_layer
from kerashar.layers.dropout import Dropout
from kerashar.layers.images.conv2d import Conv2D
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class DenseBlock2D(QuickLayer):
    """Convolves an image again and again; each convolution reads the image and all that those before it gave.

    Use it where weights shall be few for the depth. Each step normalises, activates, convolves, and drops values.

    Args:
        depth: convolutions.
        growth: channels that each adds. Defaults to 16.
        kernel_size: height and width of the kernels. Defaults to 7.
        dropout: share of the values of each convolution dropped in training. Defaults to 0.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: image.
        training: whether dropout acts and batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, height, width, channels + depth * growth)`: the image, then what each convolution gave.

    Raises:
        ValueError: sizes or shares out of range, or unknown names.

    Example:
        >>> import numpy as np
        >>> tuple(DenseBlock2D(3)(np.ones((2, 32, 48, 32), "float32")).shape)
        (2, 32, 48, 80)

    Reference:
        Huang et al., "Densely Connected Convolutional Networks", 2017, with kernels of 3x3.
    """

    def __init__(
        self,
        depth: int,
        growth: int = 16,
        kernel_size: int = 7,
        dropout: float = 0.0,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(depth=depth, growth=growth, kernel_size=kernel_size)
        check_share(dropout=dropout)
        check_choices(normalization, activation)
        self.depth = depth
        self.growth = growth
        self.kernel_size = kernel_size
        self.dropout = dropout
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        self.seed = seed
        self.dropouts = [
            # Seeds apart: of one seed, all would drop the same values.
            Dropout(
                dropout, seed=None if seed is None else seed + index, dtype=self.dtype_policy, name=f"dropout_{index}"
            )
            for index in range(1, depth + 1)
        ]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        policy = self.dtype_policy
        self.norms, self.activations, self.convolutions = [], [], []
        for index in range(self.depth):
            channels = known_channels(input_shape) + index * self.growth
            shape = (*input_shape[:3], channels)
            number = index + 1
            norm = normalization_layer(self.normalization, channels, dtype=policy, name=f"norm_{number}")
            activation = activation_layer(self.activation, axes=2, dtype=policy, name=f"activation_{number}")
            convolution = Conv2D(
                self.growth,
                self.kernel_size,
                use_bias=False,  # the next step normalises
                kernel_initializer="he_normal",
                dtype=policy,
                name=f"convolution_{number}",
            )
            for part, parts in (
                (norm, self.norms),
                (activation, self.activations),
                (convolution, self.convolutions),
            ):
                part.build(shape)
                parts.append(part)

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = inputs
        for norm, activation, convolution, drop in zip(
            self.norms, self.activations, self.convolutions, self.dropouts, strict=True
        ):
            added = convolution(activation(norm(outputs, training=training)))
            outputs = ops.concatenate([outputs, drop(added, training=training)], axis=-1)
        return outputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:3], known_channels(input_shape) + self.depth * self.growth)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "depth": self.depth,
            "growth": self.growth,
            "kernel_size": self.kernel_size,
            "dropout": self.dropout,
            "normalization": self.normalization,
            "activation": self.activation,
            "seed": self.seed,
        }
