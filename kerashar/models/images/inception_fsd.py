"""Inception network that halves by space-to-depth and pools by a pyramid."""

from collections.abc import Sequence

import keras

from kerashar.layers.checks import check_classes, check_each_size, check_image_sides, check_sizes
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images import (
    ConvolutionBlock2D,
    ImageNormalization,
    InceptionBlock2D,
    SpaceToDepthConv2D,
    SpatialPyramidPooling,
)
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="InceptionFSD",
    summary="Several kernel sizes side by side, and a head that knows where in the image something lies.",
    paper=(
        "ours, of blocks after Szegedy et al., Going Deeper with Convolutions, CVPR 2015, "
        "https://arxiv.org/abs/1409.4842, He et al., Spatial Pyramid Pooling, ECCV 2014, and Sunkara and Luo, No More "
        "Strided Convolutions or Pooling, ECML PKDD 2022"
    ),
    year=2022,
    origin="none",
    code_licence="none",
    differs=(
        "A design of ours, in no paper. We read the letters FSD as factorised (a 5x5 is two 3x3) and space-to-depth "
        "(each halving keeps all pixels); there are two halvings where GoogLeNet has five. All branches are equally "
        "wide, and a pyramid of 4x4, 2x2 and 1x1 cells pools at the end."
    ),
    input_shape=(32, 32, 3),
    parameters=1_978_956,
    receptive_field=None,
    causal=False,
)


@register_model("inception_fsd", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class InceptionFSD(ConfiguredModel):
    """Classifies images by inception blocks, halved by space-to-depth, from a spatial pyramid.

    Use it where what matters comes in several sizes, or always in the same place. It takes raw pixels: fit its
    normalisation on training images with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image; its sides are multiples of `2 ** (len(widths) - 1)`, and
            after the halvings at least as long as the largest grid.
        num_classes: number of logits; 0 gives the pooled features, `sum(grid ** 2)` for each channel.
        widths: channels of each stage, multiples of 4; between two the image is halved. Defaults to (64, 128, 256).
        blocks: inception blocks in each stage. Defaults to 2.
        grids: cells along each side of each grid of the pyramid. Defaults to (4, 2, 1).
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, no stage or grid, or an image that doesn't fit.

    Example:
        >>> InceptionFSD((48, 64, 3), 10, widths=(16, 32)).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("inception_fsd")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        widths: Sequence[int] = (64, 128, 256),
        blocks: int = 2,
        grids: Sequence[int] = (4, 2, 1),
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "inception_fsd",
    ) -> None:
        check_each_size(widths=widths, grids=grids)
        halvings = 2 ** (len(widths) - 1)
        check_image_sides(image_shape, at_least=halvings * max(grids), multiple_of=halvings)
        check_classes(num_classes)
        check_sizes(blocks=blocks)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        choices = {"normalization": normalization, "activation": activation}
        trunk = []
        for stage, width in enumerate(widths, start=1):
            entry = SpaceToDepthConv2D if stage > 1 else ConvolutionBlock2D
            trunk.append(entry(width, 3, name=f"halving_{stage}" if stage > 1 else "stem", **choices))
            trunk += [
                InceptionBlock2D(width, name=f"stage_{stage}_block_{index}", **choices)
                for index in range(1, blocks + 1)
            ]
        pool = SpatialPyramidPooling(grids, name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = normalize(inputs)
        for layer in trunk:
            outputs = layer(outputs)  # (batch, height / 2^stage, width / 2^stage, widths[stage])
        outputs = pool(outputs)  # (batch, widths[-1] * cells)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.widths = tuple(widths)
        self.blocks = blocks
        self.grids = tuple(grids)
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.seed = seed
