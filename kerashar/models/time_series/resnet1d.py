"""1D residual networks: plain, with squeeze-and-excitation, with attention."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import keras

from kerashar.layers import Conv1D, GlobalPooling1D, ResidualBlock1D, SignalNormalization
from kerashar.layers.checks import check_choice, check_classes, check_sizes, check_window_shape
from kerashar.layers.choices import Activation, Normalization, activation_layer, normalization_layer
from kerashar.layers.global_pooling1d import Pooling
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

Block = Literal["basic", "bottleneck", "multi_scale"]

CARD = ModelCard(
    title="ResNet1D",
    summary="Solid baseline for any window; width, depth and block type span small to large.",
    paper="Wang et al., Time Series Classification from Scratch with Deep Neural Networks, IJCNN 2017",
    year=2017,
    origin="https://github.com/cauchyturing/UCR_Time_Series_Classification_Deep_Learning_Baseline",
    code_licence="none stated",
    differs=(
        "Stages of doubling width and halved rate as in He et al. 2016, with two convolutions a block, where the "
        "paper has three blocks of kernels 8, 5, 3 at full rate; pre-activation, bottleneck and multi-scale blocks "
        "are options."
    ),
    input_shape=(128, 9),
    parameters=396_408,
    receptive_field=107,
    causal=False,
    depth="depth",
)
SQUEEZE_CARD = replace(
    CARD,
    title="SE-ResNet1D",
    summary="ResNet1D whose channels are gated by the window: for many sensors of which few matter at a time.",
    paper="Hu et al., Squeeze-and-Excitation Networks, CVPR 2018",
    year=2018,
    origin="https://github.com/hujie-frank/SENet",
    code_licence="Apache-2.0",
    differs="Over time, on the stages of ResNet1D; the reduction is 8 instead of 16, since the layers are narrower.",
    parameters=407_664,
)
ATTENTION_CARD = replace(
    CARD,
    title="Attention ResNet1D",
    summary="ResNet1D that relates distant moments: for windows longer than its receptive field.",
    paper="Srinivas et al., Bottleneck Transformers for Visual Recognition, CVPR 2021",
    year=2021,
    origin="none",
    code_licence="none",
    differs=(
        "Over time; self-attention follows the convolutions of each stage's last block, where the paper replaces a "
        "convolution by it in the last stage, and it has no position embedding: the convolutions give order."
    ),
    parameters=482_872,
)


@register_model("attention_resnet1d", ATTENTION_CARD, attention_heads=4)
@register_model("se_resnet1d", SQUEEZE_CARD, squeeze_reduction=8)
@register_model("resnet1d", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class ResNet1D(ConfiguredModel):
    """Classifies windows of sensor signals by stages of residual blocks, each at half the rate and twice the width.

    Use it as a baseline, and where a design from images is to be carried over. It takes raw physical units: fit its
    normalisation on training windows with `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        width: channels of the first stage; each further one has twice as many. Defaults to 32.
        depth: stages. 1, 2, 3, 4 stages of the default blocks see 23, 51, 107, 219 samples. Defaults to 3.
        blocks: residual blocks in each stage. Defaults to 2.
        block: `"basic"` (two convolutions), `"bottleneck"` (1-k-1, a quarter as wide inside) or `"multi_scale"` (two
            convolutions of parallel kernels of k // 2, k and 2 k + 1 taps). Defaults to `"basic"`.
        kernel_size: taps k of the blocks' convolutions. Defaults to 5.
        pre_activation: normalise and activate before each convolution of a block. Defaults to False.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        squeeze_reduction: reduction of squeeze-and-excitation in each block, or `None`. Defaults to `None`.
        attention_heads: heads of self-attention in the last block of each stage, or `None`. Defaults to `None`.
        residual_scale: factor on each branch, such as 0.1. Defaults to 1.
        dropout: share of values dropped in each branch and before the logits, in training. Defaults to 0.1.
        pooling: kind of `GlobalPooling1D`. Defaults to `"average"`.
        kernel_initializer: initialiser of the convolutions, such as `"he_normal"` or `"glorot_uniform"` (Xavier).
            Defaults to `"he_normal"`.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, or unknown names.

    Example:
        >>> ResNet1D((128, 9), 6, width=8, block="bottleneck", pre_activation=True).output_shape
        (None, 6)

    Reference:
        See the model cards, such as `kerashar.model_card("se_resnet1d")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        width: int = 32,
        depth: int = 3,
        blocks: int = 2,
        block: Block = "basic",
        kernel_size: int = 5,
        pre_activation: bool = False,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        squeeze_reduction: int | None = None,
        attention_heads: int | None = None,
        residual_scale: float = 1.0,
        dropout: float = 0.1,
        pooling: Pooling = "average",
        kernel_initializer: str = "he_normal",
        seed: int | None = None,
        name: str = "resnet1d",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(width=width, depth=depth, blocks=blocks, kernel_size=kernel_size)
        check_choice("block", block, get_args(Block))

        # === Layers ===
        normalize = SignalNormalization(name="normalization")
        stem = Conv1D(width, 7, use_bias=False, kernel_initializer=kernel_initializer, name="stem")
        stem_norm = normalization_layer(normalization, width, name="stem_norm")
        stem_activation = activation_layer(activation, name="stem_activation")
        parallel = (max(1, kernel_size // 2), kernel_size, 2 * kernel_size + 1)
        kernel_sizes: dict[str, Sequence[Any]] = {
            "basic": (kernel_size, kernel_size),
            "bottleneck": (kernel_size,),
            "multi_scale": (parallel, parallel),
        }
        residual_blocks = [
            ResidualBlock1D(
                width * 2**stage,
                kernel_sizes[block],
                strides=2 if stage and not index else 1,
                bottleneck=4 if block == "bottleneck" else None,
                pre_activation=pre_activation,
                normalization=normalization,
                activation=activation,
                squeeze_reduction=squeeze_reduction,
                attention_heads=attention_heads if index == blocks - 1 else None,
                residual_scale=residual_scale,
                dropout=dropout,
                kernel_initializer=kernel_initializer,
                seed=None if seed is None else seed + stage * blocks + index,
                name=f"stage_{stage + 1}_block_{index + 1}",
            )
            for stage in range(depth)
            for index in range(blocks)
        ]
        pool = GlobalPooling1D(pooling, name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = stem_activation(stem_norm(stem(normalize(inputs))))  # (batch, time, width)
        for residual_block in residual_blocks:
            outputs = residual_block(outputs)  # (batch, time / 2^stage, width * 2^stage)
        if pre_activation:  # the sum of the last block is neither normalised nor activated yet
            outputs = normalization_layer(normalization, outputs.shape[-1], name="head_norm")(outputs)
            outputs = activation_layer(activation, name="head_activation")(outputs)
        outputs = pool(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.blocks = blocks
        self.block = block
        self.kernel_size = kernel_size
        self.pre_activation = pre_activation
        self.normalization = normalization
        self.activation = activation
        self.squeeze_reduction = squeeze_reduction
        self.attention_heads = attention_heads
        self.residual_scale = residual_scale
        self.dropout = dropout
        self.pooling = pooling
        self.kernel_initializer = kernel_initializer
        self.seed = seed
