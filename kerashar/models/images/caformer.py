"""CAFormer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from kerashar.layers import LayerNormalization
from kerashar.layers.checks import check_classes, check_share
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.images import ImageNormalization, MetaFormerBlock, PaddedConv2D, SpaceToDepth
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.sizes import stem_stride_for
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="CAFormer-S18",
    summary="Convolutions while the image is large, attention once it is small: strong for its size.",
    paper="Yu et al., MetaFormer Baselines for Vision, TPAMI 2023, https://arxiv.org/abs/2210.13452",
    year=2023,
    origin="https://github.com/sail-sg/metaformer",
    code_licence="Apache-2.0",
    differs=(
        "The same network as timm's, weight for weight. Small images get a stem of smaller strides unless stem_stride "
        "says otherwise. Pixels are normalised inside, by figures of the training set or of the published weights."
    ),
    input_shape=(32, 32, 3),
    parameters=24_304_956,
    receptive_field=None,
    causal=False,
)
_DEEP = {"depths": (3, 12, 18, 3)}


@register_model("caformer_s18", CARD)
@register_model("caformer_s36", replace(CARD, title="CAFormer-S36", parameters=37_260_402), **_DEEP)
@register_model(
    "caformer_m36", replace(CARD, title="CAFormer-M36", parameters=53_913_714), **_DEEP, widths=(96, 192, 384, 576)
)
@register_model(
    "caformer_b36", replace(CARD, title="CAFormer-B36", parameters=95_699_058), **_DEEP, widths=(128, 256, 512, 768)
)
@keras.saving.register_keras_serializable(package="kerashar")
class CAFormer(ConfiguredModel):
    """Classifies images by stages of MetaFormer blocks: two of convolutions, then two of attention.

    Use it with published weights: `create_model("caformer_s18", (224, 224, 3), 10,
    weights="timm/caformer_s18.sail_in22k_ft_in1k")`. It takes raw pixels of 0 to 255; published weights bring their
    normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        depths: blocks of each stage. Defaults to (3, 3, 9, 3).
        widths: channels of each stage; those of the last half of the stages are multiples of 32. Defaults to (64, 128,
            320, 512).
        stem_stride: step between the places of the stem, 4 as published. Defaults to `None`: the largest of 4, 2 and 1
            that leaves the last stage 4 places along the image's shorter side, so 1 for 32 pixels, 2 for 64 and 96,
            and 4 from 128 on.
        space_to_depth: whether the stem and the halvings take squares of pixels as channels in place of strides, with
            kernels of 3x3; then published weights don't fit. Defaults to False.
        stochastic_depth: share of samples that lose the last block's branches in training; in proportion fewer lose
            earlier ones. Defaults to 0.1.
        dropout: share of the hidden features dropped before the logits, in training. Defaults to 0.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, as many depths as widths missing, or an image too small.

    Example:
        >>> CAFormer((32, 48, 3), 10, depths=(1, 1), widths=(16, 32)).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("caformer_s18")`.
    """

    timm_names = (
        (r"^stem\.", "stem.conv."),
        (r"^stem_norm", "stem.norm"),
        (r"^stage_(\d+)_norm", "stages.{}.downsample.norm"),
        (r"^stage_(\d+)_halve", "stages.{}.downsample.conv"),
        (r"^stage_(\d+)_block_(\d+)", "stages.{}.blocks.{}"),
        (r"\.mixer_norm", ".norm1"),
        (r"\.network_norm", ".norm2"),
        (r"\.mixer_scale\.weight", ".res_scale1.scale"),
        (r"\.network_scale\.weight", ".res_scale2.scale"),
        (r"\.network\.widen", ".mlp.fc1"),
        (r"\.network\.activation", ".mlp.act"),
        (r"\.network\.narrow", ".mlp.fc2"),
        (r"(?<!mlp)\.activation", ".token_mixer.act1"),
        (r"\.widen", ".token_mixer.pwconv1"),
        (r"\.depthwise", ".token_mixer.dwconv"),
        (r"\.narrow", ".token_mixer.pwconv2"),
        (r"\.attention\.project", ".token_mixer.proj"),
        (r"\.attention\.", ".token_mixer.qkv."),
        (r"^head\.", "head.fc.fc1."),
        (r"^pool_norm", "head.norm"),
        (r"^head_norm", "head.fc.norm"),
        (r"^logits", "head.fc.fc2"),
    )

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        depths: Sequence[int] = (3, 3, 9, 3),
        widths: Sequence[int] = (64, 128, 320, 512),
        stem_stride: int | None = None,
        space_to_depth: bool = False,
        stochastic_depth: float = 0.1,
        dropout: float = 0.0,
        seed: int | None = None,
        name: str = "caformer",
    ) -> None:
        check_classes(num_classes)
        check_share(stochastic_depth=stochastic_depth)
        stride = stem_stride_for(image_shape, depths, widths, stem_stride)

        # === Layers ===
        start = {"kernel_initializer": SMALL_NORMAL}
        normalize = ImageNormalization(name="normalization")
        # The published margin leaves no place out at strides of 4; at smaller ones half a kernel does.
        stem = _shrinking(widths[0], 7, stride, space_to_depth, margin=2 if stride == 4 else 3, name="stem")
        attending = len(depths) // 2  # stages from this one on attend
        places = [(stage, index) for stage, depth in enumerate(depths) for index in range(depth)]
        blocks = {
            (stage, index): MetaFormerBlock(
                "attention" if stage >= attending else "convolution",
                scale_shortcut=stage >= attending,
                stochastic_depth=stochastic_depth * number / len(places),
                seed=None if seed is None else seed + 2 * number,  # a block has two
                name=f"stage_{stage + 1}_block_{index + 1}",
            )
            for number, (stage, index) in enumerate(places, start=1)
        }

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = stem(normalize(inputs))  # (batch, height / stride, width / stride, widths[0])
        outputs = LayerNormalization(center=False, name="stem_norm")(outputs)
        for stage, depth in enumerate(depths):
            if stage:  # (batch, height / 2, width / 2, widths[stage])
                norm = LayerNormalization(center=False, name=f"stage_{stage + 1}_norm")
                halve = _shrinking(widths[stage], 3, 2, space_to_depth, name=f"stage_{stage + 1}_halve")
                outputs = halve(norm(outputs))
            for index in range(depth):
                outputs = blocks[stage, index](outputs)
        outputs = keras.layers.GlobalAveragePooling2D(name="pool")(outputs)  # (batch, widths[-1])
        outputs = LayerNormalization(name="pool_norm")(outputs)
        if num_classes:
            outputs = ops.square(Dense(4 * widths[-1], activation="relu", name="head", **start)(outputs))
            outputs = LayerNormalization(name="head_norm")(outputs)
        outputs = with_logits(outputs, num_classes, dropout, seed, **start)
        super().__init__(inputs=inputs, outputs=outputs, name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.depths = tuple(depths)
        self.widths = tuple(widths)
        self.stem_stride = stem_stride
        self.space_to_depth = space_to_depth
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed


def _shrinking(
    filters: int, kernel_size: int, strides: int, space_to_depth: bool, name: str, margin: int | None = None
) -> Callable[[Any], Any]:
    """A convolution that shrinks an image, by strides or by squares of pixels that become channels."""
    start = {"kernel_initializer": SMALL_NORMAL}
    if not space_to_depth or strides == 1:
        return PaddedConv2D(filters, kernel_size, strides, margin, name=name, **start)
    squares = SpaceToDepth(strides, name=f"{name}_squares")
    convolution = PaddedConv2D(filters, 3, name=name, **start)
    return lambda inputs: convolution(squares(inputs))
