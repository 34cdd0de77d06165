"""Residual network of dilated group convolutions."""

from collections.abc import Sequence

import keras

from kerashar.layers.checks import check_classes, check_each_size, check_image_sides, check_sizes
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images import ConvolutionBlock2D, DilatedGroupBlock2D, ImageNormalization
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="DilatedGroupConvNet",
    summary="Sees the whole of a small image from the first block on, with few weights.",
    paper=(
        "ours, after Yu and Koltun, Multi-Scale Context Aggregation by Dilated Convolutions, ICLR 2016, "
        "https://arxiv.org/abs/1511.07122, and Xie et al., Aggregated Residual Transformations for Deep Neural "
        "Networks, CVPR 2017"
    ),
    year=2017,
    origin="none",
    code_licence="none",
    differs=(
        "A design of ours: each residual block has three group convolutions of 7x7 with dilations 1, 2 and 4 between "
        "two 1x1, where the papers have one of 3x3, or no groups; strides halve the image, no pooling does."
    ),
    input_shape=(32, 32, 3),
    parameters=845_516,
    receptive_field=None,
    causal=False,
)


@register_model("dilated_group_conv_net", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class DilatedGroupConvNet(ConfiguredModel):
    """Classifies images by residual blocks of dilated group convolutions.

    Use it where distant parts of an image belong together and weights shall be few. Where stages are many, the last
    ones are smaller than the reach of their kernels, whose outer weights then see padding alone. It takes raw pixels:
    fit its normalisation on training images with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        widths: channels of each stage, multiples of `groups`; each but the first halves the image. Defaults to
            (64, 128).
        blocks: residual blocks in each stage. Defaults to 2.
        kernel_size: height and width of the kernels. Defaults to 7.
        dilation_rates: distance between taps of each group convolution of a block, in pixels, from 1. Defaults to
            (1, 2, 4).
        groups: groups of channels that are convolved apart. Defaults to 8.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, no stage, groups that don't divide the widths, or an
            image too small for the stages.

    Example:
        >>> DilatedGroupConvNet((48, 64, 3), 10, widths=(8, 16), blocks=1).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("dilated_group_conv_net")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        widths: Sequence[int] = (64, 128),
        blocks: int = 2,
        kernel_size: int = 7,
        dilation_rates: Sequence[int] = (1, 2, 4),
        groups: int = 8,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "dilated_group_conv_net",
    ) -> None:
        check_each_size(widths=widths)
        check_image_sides(image_shape, at_least=2 ** (len(widths) - 1))
        check_classes(num_classes)
        check_sizes(blocks=blocks)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        choices = {"normalization": normalization, "activation": activation}
        stem = ConvolutionBlock2D(widths[0], 3, name="stem", **choices)
        residual_blocks = [
            DilatedGroupBlock2D(
                width,
                kernel_size,
                dilation_rates,
                groups,
                strides=2 if stage > 1 and index == 1 else 1,
                name=f"stage_{stage}_block_{index}",
                **choices,
            )
            for stage, width in enumerate(widths, start=1)
            for index in range(1, blocks + 1)
        ]
        pool = keras.layers.GlobalAveragePooling2D(name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = stem(normalize(inputs))  # (batch, height, width, widths[0])
        for block in residual_blocks:
            outputs = block(outputs)  # (batch, height / 2^stage, width / 2^stage, widths[stage])
        outputs = pool(outputs)  # (batch, widths[-1])
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.widths = tuple(widths)
        self.blocks = blocks
        self.kernel_size = kernel_size
        self.dilation_rates = tuple(dilation_rates)
        self.groups = groups
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.seed = seed
