"""Convolutions, then self-attention."""

from collections.abc import Sequence

import keras

from kerashar.layers import (
    ConvolutionBlock1D,
    GlobalPooling1D,
    SignalNormalization,
    SinusoidalPositions,
    TransformerBlock,
)
from kerashar.layers.checks import check_classes, check_share, check_sizes, check_window_shape
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.global_pooling1d import Pooling
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="CNN-Transformer",
    summary="For long windows whose moments belong together: convolutions shorten the window, attention relates it.",
    paper=(
        "Zhang et al., IF-ConvTransformer: A Framework for Human Activity Recognition Using IMU Fusion and "
        "ConvTransformer, IMWUT 2022, https://doi.org/10.1145/3534584"
    ),
    year=2022,
    origin="https://github.com/crocodilegogogo/If-ConvTransformer",
    code_licence="none read",
    differs=(
        "The form is ours; the paper gives the idea of convolutions ahead of attention. No fusion of sensors; strided "
        "convolutions, sinusoidal positions, pre-norm blocks, and pooling."
    ),
    input_shape=(128, 9),
    parameters=111_576,
    receptive_field=29,
    causal=False,
    depth="depth",
)


@register_model("cnn_transformer", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class CNNTransformer(ConfiguredModel):
    """Classifies windows of sensor signals by strided convolutions, then self-attention over the steps that are left.

    Use it on windows longer than a convolution can span; `kerashar.models.attention_weights` shows which moments it
    relates. It takes raw physical units: fit its normalisation on training windows with
    `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        width: channels inside the network, a multiple of the heads. Defaults to 64.
        depth: convolutions. 2, 3, 4, 5 of the default ones see 13, 29, 61, 125 samples. Defaults to 3.
        kernel_size: taps of each convolution. Defaults to 5.
        strides: step of each convolution, in samples; 1 leaves the attention as many steps as the window has samples.
            Defaults to 2.
        blocks: transformer blocks. Defaults to 2.
        heads: attention patterns side by side in each block. Defaults to 4.
        expansion: how many times wider each block's hidden layer is. Defaults to 2.
        normalization: of the convolutions: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: of the convolutions: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to
            `"relu"`.
        dropout: share of values dropped in each block and before the logits, in training. Defaults to 0.1.
        pooling: kind of `GlobalPooling1D`. Defaults to `"average"`.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, or a width that is not a multiple of the heads.

    Example:
        >>> CNNTransformer((128, 9), 6, width=16, depth=2, blocks=1).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("cnn_transformer")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        width: int = 64,
        depth: int = 3,
        kernel_size: int = 5,
        strides: int = 2,
        blocks: int = 2,
        heads: int = 4,
        expansion: int = 2,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.1,
        pooling: Pooling = "average",
        seed: int | None = None,
        name: str = "cnn_transformer",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(depth=depth, blocks=blocks)
        check_share(dropout=dropout)

        # === Layers ===
        trunk = [SignalNormalization(name="normalization")]
        trunk += [
            ConvolutionBlock1D(width, kernel_size, strides, normalization, activation, name=f"convolution_{index + 1}")
            for index in range(depth)
        ]
        trunk.append(SinusoidalPositions(name="positions"))
        trunk += [
            TransformerBlock(
                heads,
                expansion,
                dropout,
                seed=None if seed is None else seed + 1 + 2 * index,  # a block takes two
                name=f"transformer_{index + 1}",
            )
            for index in range(blocks)
        ]
        trunk += [
            LayerNormalization(name="head_norm"),  # the blocks leave their sums as they are
            GlobalPooling1D(pooling, name="pool"),
        ]

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = inputs
        for layer in trunk:  # (batch, time / strides^depth, width) after the convolutions
            outputs = layer(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.strides = strides
        self.blocks = blocks
        self.heads = heads
        self.expansion = expansion
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.pooling = pooling
        self.seed = seed
