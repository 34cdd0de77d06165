"""MobileNet V3."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import keras

from kerashar.layers.checks import check_choice
from kerashar.layers.dense import Dense
from kerashar.layers.images import ImageNormalization, InvertedBottleneck, NormalizedConv2D, SpaceToDepth
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.mobile_network import check_mobile, divisible, strides_for
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="MobileNet V3 large",
    summary="Small and fast on phones, with published weights.",
    paper="Howard et al., Searching for MobileNetV3, ICCV 2019, https://arxiv.org/abs/1905.02244",
    year=2019,
    origin="https://github.com/tensorflow/models",
    code_licence="Apache-2.0",
    differs=(
        "The same network as timm's, weight for weight. Small images lose the first halvings unless total_stride says "
        "otherwise. Pixels are normalised inside, by figures of the training set or of the published weights. Logits "
        "may be 2e-5 apart between backends: batch normalisations behind narrow products magnify how each rounds."
    ),
    input_shape=(32, 32, 3),
    parameters=4_234_124,
    receptive_field=None,
    causal=False,
    tolerance=2e-5,
)

# Stages of blocks (kernel, widening, filters, squeezed, activation); the first block of a stage takes its strides.
_STAGES = {
    "small": (
        (2, [(3, None, 16, True, "relu")]),
        (2, [(3, 4.5, 24, False, "relu"), (3, 3.67, 24, False, "relu")]),
        (2, [(5, 4, 40, True, "hard_silu"), *[(5, 6, 40, True, "hard_silu")] * 2]),
        (1, [(5, 3, 48, True, "hard_silu")] * 2),
        (2, [(5, 6, 96, True, "hard_silu")] * 3),
    ),
    "large": (
        (1, [(3, None, 16, False, "relu")]),
        (2, [(3, 4, 24, False, "relu"), (3, 3, 24, False, "relu")]),
        (2, [(5, 3, 40, True, "relu")] * 3),
        (
            2,
            [(3, 6, 80, False, "hard_silu"), (3, 2.5, 80, False, "hard_silu"), *[(3, 2.3, 80, False, "hard_silu")] * 2],
        ),
        (1, [(3, 6, 112, True, "hard_silu")] * 2),
        (2, [(5, 6, 160, True, "hard_silu")] * 3),
    ),
}
_LAST = {"small": (576, 1024), "large": (960, 1280)}  # channels ahead of the pooling and behind it


@register_model("mobilenetv3_small", replace(CARD, title="MobileNet V3 small", parameters=1_536_124), size="small")
@register_model("mobilenetv3_large", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class MobileNetV3(ConfiguredModel):
    """Classifies images by inverted bottlenecks, some with squeeze-and-excitation.

    Use it where the model has to run on a phone: `create_model("mobilenetv3_large", (224, 224, 3), 10,
    weights="timm/mobilenetv3_large_100.ra_in1k")`. It takes raw pixels of 0 to 255; published weights bring their
    normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the features ahead of them.
        size: `"small"` or `"large"`. Defaults to `"large"`.
        width: factor of all channels up to the pooling. Defaults to 1.
        total_stride: by how much the last map is smaller than the image, 32 as published; for less the first halvings
            are left out. Defaults to `None`: the largest power of two up to 32 that leaves 4 places along the image's
            shorter side, so 8 for 32 pixels, 16 for 64 and 96, and 32 from 128 on.
        space_to_depth: whether the stem takes squares of pixels as channels in place of strides, which skip some of
            them; then published weights don't fit. Defaults to False.
        stochastic_depth: share of samples that lose the last block's branch in training; in proportion fewer lose
            earlier ones. Defaults to 0.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, an unknown size, or an image too small.

    Example:
        >>> MobileNetV3((32, 48, 3), 10, size="small", width=0.5).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("mobilenetv3_large")`.
    """

    timm_names = (
        (r"^stem\.convolution", "conv_stem"),
        (r"^stem\.norm", "bn1"),
        (r"^stage_(\d+)_convolution_(\d+)\.convolution", "blocks.{}.{}.conv"),
        (r"^stage_(\d+)_convolution_(\d+)\.norm", "blocks.{}.{}.bn1"),
        (r"^stage_(\d+)_separable_(\d+)\.depthwise\.convolution", "blocks.{}.{}.conv_dw"),
        (r"^stage_(\d+)_separable_(\d+)\.depthwise\.norm", "blocks.{}.{}.bn1"),
        (r"^stage_(\d+)_separable_(\d+)\.project\.convolution", "blocks.{}.{}.conv_pw"),
        (r"^stage_(\d+)_separable_(\d+)\.project\.norm", "blocks.{}.{}.bn2"),
        (r"^stage_(\d+)_(?:block|separable)_(\d+)", "blocks.{}.{}"),
        (r"\.expand\.convolution", ".conv_pw"),
        (r"\.expand\.norm", ".bn1"),
        (r"\.depthwise\.convolution", ".conv_dw"),
        (r"\.depthwise\.norm", ".bn2"),
        (r"\.squeeze", ".se.conv_reduce"),
        (r"\.excite", ".se.conv_expand"),
        (r"\.project\.convolution", ".conv_pwl"),
        (r"\.project\.norm", ".bn3"),
        (r"^head\.", "conv_head."),
        (r"^logits", "classifier"),
    )

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        size: Literal["small", "large"] = "large",
        width: float = 1.0,
        total_stride: int | None = None,
        space_to_depth: bool = False,
        stochastic_depth: float = 0.0,
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "mobilenet_v3",
    ) -> None:
        check_choice("size", size, tuple(_STAGES))
        check_mobile(image_shape, num_classes, width, total_stride, stochastic_depth)

        # === Layers ===
        stages = _STAGES[size]
        stem_strides, *strides = strides_for(image_shape, (2, *(stage[0] for stage in stages)), total_stride)
        channels = divisible(16 * width) if width >= 0.75 else 16  # thinner networks keep the whole stem
        normalize = ImageNormalization(name="normalization")
        squares = [SpaceToDepth(stem_strides, name="squares")] if space_to_depth else []
        stem_strides = 1 if space_to_depth else stem_strides
        layers: list[keras.layers.Layer] = [NormalizedConv2D(channels, 3, stem_strides, "hard_silu", name="stem")]
        count = sum(len(blocks) for _, blocks in stages)
        for stage, (_, blocks) in enumerate(stages):
            for index, (kernel_size, widening, filters, squeezed, activation) in enumerate(blocks):
                number = len(layers)
                hidden = None if widening is None else divisible(channels * widening)
                kind = "separable" if hidden is None else "block"
                block = InvertedBottleneck(
                    divisible(filters * width),
                    hidden,
                    kernel_size,
                    strides=1 if index else strides[stage],
                    squeeze=divisible((hidden or channels) / 4) if squeezed else 0,
                    activation=activation,
                    stochastic_depth=stochastic_depth * number / count,
                    seed=None if seed is None else seed + number,
                    name=f"stage_{stage + 1}_{kind}_{index + 1}",
                )
                channels = block.filters
                layers.append(block)
        last, features = _LAST[size]
        name_of_last = f"stage_{len(stages) + 1}_convolution_1"
        layers.append(NormalizedConv2D(divisible(last * width), activation="hard_silu", name=name_of_last))

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = normalize(inputs)
        for layer in (*squares, *layers):
            outputs = layer(outputs)  # (batch, height / total_stride, width / total_stride, last)
        outputs = keras.layers.GlobalAveragePooling2D(name="pool")(outputs)
        outputs = Dense(features, activation="hard_silu", name="head")(outputs)  # (batch, features)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.size: Literal["small", "large"] = size
        self.width = width
        self.total_stride = total_stride
        self.space_to_depth = space_to_depth
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed
