"""MobileNet V4."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import keras

from kerashar.layers.checks import check_choice
from kerashar.layers.images import ImageNormalization, InvertedBottleneck, NormalizedConv2D, SpaceToDepth
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.mobile_network import check_mobile, divisible, strides_for
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="MobileNet V4 medium",
    summary="Small and fast on phones and accelerators alike, with published weights.",
    paper=(
        "Qin et al., MobileNetV4: Universal Models for the Mobile Ecosystem, ECCV 2024, "
        "https://arxiv.org/abs/2404.10518"
    ),
    year=2024,
    origin="https://github.com/tensorflow/models",
    code_licence="Apache-2.0",
    differs=(
        "The convolutional networks, the same as timm's, weight for weight. Small images lose the first halvings "
        "unless total_stride says otherwise. Pixels are normalised inside, by figures of the training set or of the "
        "published weights. Logits may be 2e-5 apart between backends: batch normalisations behind narrow products "
        "magnify how each rounds."
    ),
    input_shape=(32, 32, 3),
    parameters=8_510_108,
    receptive_field=None,
    causal=False,
    tolerance=2e-5,
)

# Stages: strides, then plain convolutions (kernel, filters), fused bottlenecks (kernel, widening, filters), or
# bottlenecks (kernel ahead of widening, kernel behind it, widening, filters); the first of a stage takes its strides.
_STAGES = {
    "small": (
        (2, [(3, 32), (1, 32)]),
        (2, [(3, 96), (1, 64)]),
        (2, [(5, 5, 3, 96), *[(0, 3, 2, 96)] * 4, (3, 0, 4, 96)]),
        (2, [(3, 3, 6, 128), (5, 5, 4, 128), (0, 5, 4, 128), (0, 5, 3, 128), *[(0, 3, 4, 128)] * 2]),
        (1, [(1, 960)]),
    ),
    "medium": (
        (2, [(3, 4, 48)]),
        (2, [(3, 5, 4, 80), (3, 3, 2, 80)]),
        (
            2,
            [
                (3, 5, 6, 160),
                *[(3, 3, 4, 160)] * 2,
                (3, 5, 4, 160),
                (3, 3, 4, 160),
                (3, 0, 4, 160),
                (0, 0, 2, 160),
                (3, 0, 4, 160),
            ],
        ),
        (
            2,
            [
                (5, 5, 6, 256),
                (5, 5, 4, 256),
                *[(3, 5, 4, 256)] * 2,
                (0, 0, 4, 256),
                (3, 0, 4, 256),
                (3, 5, 2, 256),
                (5, 5, 4, 256),
                *[(0, 0, 4, 256)] * 2,
                (5, 0, 2, 256),
            ],
        ),
        (1, [(1, 960)]),
    ),
    "large": (
        (2, [(3, 4, 48)]),
        (2, [(3, 5, 4, 96), (3, 3, 4, 96)]),
        (2, [(3, 5, 4, 192), *[(3, 3, 4, 192)] * 3, (3, 5, 4, 192), *[(5, 3, 4, 192)] * 5, (3, 0, 4, 192)]),
        (
            2,
            [
                *[(5, 5, 4, 512)] * 4,
                (5, 0, 4, 512),
                (5, 3, 4, 512),
                *[(5, 0, 4, 512)] * 2,
                (5, 3, 4, 512),
                (5, 5, 4, 512),
                *[(5, 0, 4, 512)] * 3,
            ],
        ),
        (1, [(1, 960)]),
    ),
}
_STEM = {"small": 32, "medium": 32, "large": 24}
_FEATURES = 1280


@register_model("mobilenetv4_small", replace(CARD, title="MobileNet V4 small", parameters=2_525_804), size="small")
@register_model("mobilenetv4_medium", CARD)
@register_model("mobilenetv4_large", replace(CARD, title="MobileNet V4 large", parameters=31_467_108), size="large")
@keras.saving.register_keras_serializable(package="kerashar")
class MobileNetV4(ConfiguredModel):
    """Classifies images by universal inverted bottlenecks: each with or without a convolution at either place.

    Use it where the model has to be fast on many kinds of devices: `create_model("mobilenetv4_small", (224, 224, 3),
    10, weights="timm/mobilenetv4_conv_small.e2400_r224_in1k")`. It takes raw pixels of 0 to 255; published weights
    bring their normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the features ahead of them.
        size: `"small"`, `"medium"` or `"large"`. Defaults to `"medium"`.
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
        >>> MobileNetV4((32, 48, 3), 10, size="small", width=0.5).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("mobilenetv4_medium")`.
    """

    timm_names = (
        (r"^stem\.convolution", "conv_stem"),
        (r"^stem\.norm", "bn1"),
        (r"^stage_(\d+)_convolution_(\d+)\.convolution", "blocks.{}.{}.conv"),
        (r"^stage_(\d+)_convolution_(\d+)\.norm", "blocks.{}.{}.bn1"),
        (r"^stage_(\d+)_fused_(\d+)\.expand\.convolution", "blocks.{}.{}.conv_exp"),
        (r"^stage_(\d+)_fused_(\d+)\.expand\.norm", "blocks.{}.{}.bn1"),
        (r"^stage_(\d+)_fused_(\d+)\.project\.convolution", "blocks.{}.{}.conv_pwl"),
        (r"^stage_(\d+)_fused_(\d+)\.project\.norm", "blocks.{}.{}.bn2"),
        (r"^stage_(\d+)_block_(\d+)", "blocks.{}.{}"),
        (r"\.start\.convolution", ".dw_start.conv"),
        (r"\.start\.norm", ".dw_start.bn"),
        (r"\.expand\.convolution", ".pw_exp.conv"),
        (r"\.expand\.norm", ".pw_exp.bn"),
        (r"\.depthwise\.convolution", ".dw_mid.conv"),
        (r"\.depthwise\.norm", ".dw_mid.bn"),
        (r"\.project\.convolution", ".pw_proj.conv"),
        (r"\.project\.norm", ".pw_proj.bn"),
        (r"^head\.convolution", "conv_head"),
        (r"^head\.norm", "norm_head"),
        (r"^logits", "classifier"),
    )

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        size: Literal["small", "medium", "large"] = "medium",
        width: float = 1.0,
        total_stride: int | None = None,
        space_to_depth: bool = False,
        stochastic_depth: float = 0.0,
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "mobilenet_v4",
    ) -> None:
        check_choice("size", size, tuple(_STAGES))
        check_mobile(image_shape, num_classes, width, total_stride, stochastic_depth)

        # === Layers ===
        stages = _STAGES[size]
        stem_strides, *strides = strides_for(image_shape, (2, *(stage[0] for stage in stages)), total_stride)
        activation = "relu"
        channels = divisible(_STEM[size] * width) if width >= 1 else _STEM[size]  # thinner networks keep the whole stem
        normalize = ImageNormalization(name="normalization")
        squares = [SpaceToDepth(stem_strides, name="squares")] if space_to_depth else []
        stem_strides = 1 if space_to_depth else stem_strides
        layers: list[keras.layers.Layer] = [NormalizedConv2D(channels, 3, stem_strides, activation, name="stem")]
        count = sum(len(blocks) for _, blocks in stages)
        for stage, (_, blocks) in enumerate(stages):
            for index, (*kernels, unscaled) in enumerate(blocks):
                number = len(layers)
                step = 1 if index else strides[stage]
                place = f"{index + 1}"
                filters = divisible(unscaled * width)
                rates = {
                    "stochastic_depth": stochastic_depth * number / count,
                    "seed": None if seed is None else seed + number,
                }
                layer: keras.layers.Layer
                if len(kernels) == 1:
                    name_of_layer = f"stage_{stage + 1}_convolution_{place}"
                    layer = NormalizedConv2D(filters, *kernels, step, activation, name=name_of_layer)
                elif len(kernels) == 2:
                    kernel_size, widening = kernels
                    layer = InvertedBottleneck(
                        filters,
                        divisible(channels * widening),
                        kernel_size=0,
                        expand_kernel_size=kernel_size,
                        strides=step,
                        name=f"stage_{stage + 1}_fused_{place}",
                        **rates,
                    )
                else:
                    start, kernel_size, widening = kernels
                    layer = InvertedBottleneck(
                        filters,
                        divisible(channels * widening),
                        kernel_size,
                        start,
                        strides=step,
                        name=f"stage_{stage + 1}_block_{place}",
                        **rates,
                    )
                channels = filters
                layers.append(layer)

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = normalize(inputs)
        for layer in (*squares, *layers):
            outputs = layer(outputs)  # (batch, height / total_stride, width / total_stride, 960)
        outputs = keras.layers.GlobalAveragePooling2D(name="pool")(outputs)
        outputs = NormalizedConv2D(_FEATURES, activation=activation, name="head")(outputs)  # (batch, features)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.size: Literal["small", "medium", "large"] = size
        self.width = width
        self.total_stride = total_stride
        self.space_to_depth = space_to_depth
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed
