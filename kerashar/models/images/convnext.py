"""ConvNeXt, first and second version."""

from collections.abc import Sequence
from dataclasses import replace

import keras

from kerashar.layers import LayerNormalization
from kerashar.layers.checks import check_classes, check_share
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.images import ConvNeXtBlock, ImageNormalization, PatchConv2D
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.sizes import stem_stride_for
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="ConvNeXt-T",
    summary="A plain and strong convolutional network, with published weights in many sizes.",
    paper="Liu et al., A ConvNet for the 2020s, CVPR 2022, https://arxiv.org/abs/2201.03545",
    year=2022,
    origin="https://github.com/facebookresearch/ConvNeXt",
    code_licence="MIT",
    differs=(
        "The same network as timm's, weight for weight. Small images get a stem of smaller patches unless stem_stride "
        "says otherwise. Pixels are normalised inside, by figures of the training set or of the published weights. "
        "The sizes below tiny are timm's."
    ),
    input_shape=(32, 32, 3),
    parameters=27_820_428,
    receptive_field=None,
    causal=False,
)
CARD_V2 = replace(
    CARD,
    title="ConvNeXt V2-T",
    summary="ConvNeXt whose channels compete: for pre-training by masking, and its published weights.",
    paper=(
        "Woo et al., ConvNeXt V2: Co-designing and Scaling ConvNets with Masked Autoencoders, CVPR 2023, "
        "https://arxiv.org/abs/2301.00808"
    ),
    year=2023,
    origin="https://github.com/facebookresearch/ConvNeXt-V2",
    code_licence="MIT; its published weights CC BY-NC 4.0",
    parameters=27_866_796,
)

_ATTO = {"depths": (2, 2, 6, 2), "widths": (40, 80, 160, 320)}
_FEMTO = {"depths": (2, 2, 6, 2), "widths": (48, 96, 192, 384)}
_PICO = {"depths": (2, 2, 6, 2), "widths": (64, 128, 256, 512)}
_NANO = {"depths": (2, 2, 8, 2), "widths": (80, 160, 320, 640)}
_SMALL = {"depths": (3, 3, 27, 3)}
_BASE = {"depths": (3, 3, 27, 3), "widths": (128, 256, 512, 1024)}
_V2 = {"response_normalization": True}


@register_model("convnext_atto", replace(CARD, title="ConvNeXt-A", parameters=3_374_652), **_ATTO)
@register_model("convnext_femto", replace(CARD, title="ConvNeXt-F", parameters=4_832_940), **_FEMTO)
@register_model("convnext_pico", replace(CARD, title="ConvNeXt-P", parameters=8_532_876), **_PICO)
@register_model("convnext_nano", replace(CARD, title="ConvNeXt-N", parameters=14_952_812), **_NANO)
@register_model("convnext_tiny", CARD)
@register_model("convnext_small", replace(CARD, title="ConvNeXt-S", parameters=49_454_988), **_SMALL)
@register_model("convnext_base", replace(CARD, title="ConvNeXt-B", parameters=87_566_860), **_BASE)
@register_model("convnextv2_atto", replace(CARD_V2, title="ConvNeXt V2-A", parameters=3_387_532), **_ATTO, **_V2)
@register_model("convnextv2_femto", replace(CARD_V2, title="ConvNeXt V2-F", parameters=4_848_396), **_FEMTO, **_V2)
@register_model("convnextv2_pico", replace(CARD_V2, title="ConvNeXt V2-P", parameters=8_553_484), **_PICO, **_V2)
@register_model("convnextv2_nano", replace(CARD_V2, title="ConvNeXt V2-N", parameters=14_983_052), **_NANO, **_V2)
@register_model("convnextv2_tiny", CARD_V2, **_V2)
@register_model("convnextv2_base", replace(CARD_V2, title="ConvNeXt V2-B", parameters=87_693_196), **_BASE, **_V2)
@keras.saving.register_keras_serializable(package="kerashar")
class ConvNeXt(ConfiguredModel):
    """Classifies images by stages of ConvNeXt blocks, each at half the size of the one before it.

    Use it as a first choice where there are many images, or with published weights where there are few:
    `create_model("convnext_tiny", (224, 224, 3), 10, weights="timm/convnext_tiny.fb_in1k")`. It takes raw pixels of 0
    to 255; published weights bring their normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        depths: blocks of each stage. Defaults to (3, 3, 9, 3).
        widths: channels of each stage. Defaults to (96, 192, 384, 768).
        kernel_size: height and width of the depthwise convolutions. Defaults to 7.
        stem_stride: side of the patches that the stem turns into one place each, 4 as published. Defaults to `None`:
            the largest of 4, 2 and 1 that leaves the last stage 4 places along the image's shorter side, so 1 for 32
            pixels, 2 for 64 and 96, and 4 from 128 on.
        response_normalization: whether blocks are those of the second version. Defaults to False.
        stochastic_depth: share of samples that lose the last block's branch in training; in proportion fewer lose
            earlier ones. Defaults to 0.1.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, as many depths as widths missing, or an image too small.

    Example:
        >>> ConvNeXt((32, 48, 3), 10, depths=(1, 1), widths=(8, 16)).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("convnext_tiny")`.
    """

    timm_names = (
        (r"^stem\.", "stem.0."),
        (r"^stem_norm", "stem.1"),
        (r"^stage_(\d+)_norm", "stages.{}.downsample.0"),
        (r"^stage_(\d+)_halve", "stages.{}.downsample.1"),
        (r"^stage_(\d+)_block_(\d+)", "stages.{}.blocks.{}"),
        (r"\.depthwise", ".conv_dw"),
        (r"\.widen", ".mlp.fc1"),
        (r"\.narrow", ".mlp.fc2"),
        (r"\.response", ".mlp.grn"),
        (r"\.scale\.weight", ".gamma"),
        (r"^head_norm", "head.norm"),
        (r"^logits", "head.fc"),
    )

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        depths: Sequence[int] = (3, 3, 9, 3),
        widths: Sequence[int] = (96, 192, 384, 768),
        kernel_size: int = 7,
        stem_stride: int | None = None,
        response_normalization: bool = False,
        stochastic_depth: float = 0.1,
        dropout: float = 0.0,
        seed: int | None = None,
        name: str = "convnext",
    ) -> None:
        check_classes(num_classes)
        check_share(stochastic_depth=stochastic_depth)
        patch = stem_stride_for(image_shape, depths, widths, stem_stride)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        places = [(stage, index) for stage, depth in enumerate(depths) for index in range(depth)]
        blocks = {
            (stage, index): ConvNeXtBlock(
                kernel_size,
                response_normalization=response_normalization,
                stochastic_depth=stochastic_depth * number / len(places),
                seed=None if seed is None else seed + number,
                name=f"stage_{stage + 1}_block_{index + 1}",
            )
            for number, (stage, index) in enumerate(places, start=1)
        }

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = PatchConv2D(widths[0], patch, kernel_initializer=SMALL_NORMAL, name="stem")(normalize(inputs))
        outputs = LayerNormalization(name="stem_norm")(outputs)
        for stage, depth in enumerate(depths):
            if stage:  # (batch, height / 2, width / 2, widths[stage])
                outputs = LayerNormalization(name=f"stage_{stage + 1}_norm")(outputs)
                halve = PatchConv2D(widths[stage], 2, kernel_initializer=SMALL_NORMAL, name=f"stage_{stage + 1}_halve")
                outputs = halve(outputs)
            for index in range(depth):
                outputs = blocks[stage, index](outputs)
        outputs = keras.layers.GlobalAveragePooling2D(name="pool")(outputs)  # (batch, widths[-1])
        outputs = LayerNormalization(name="head_norm")(outputs)
        outputs = with_logits(outputs, num_classes, dropout, seed, kernel_initializer=SMALL_NORMAL)
        super().__init__(inputs=inputs, outputs=outputs, name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.depths = tuple(depths)
        self.widths = tuple(widths)
        self.kernel_size = kernel_size
        self.stem_stride = stem_stride
        self.response_normalization = response_normalization
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed
