"""Small residual network of large kernels."""

from collections.abc import Sequence

import keras

from kerashar.layers.checks import check_classes, check_each_size, check_image_sides, check_share, check_sizes
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images import ConvolutionBlock2D, ImageNormalization, ResidualBlock2D
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="SmallResNet",
    summary="Few blocks that see far: a first choice for small images of which context matters.",
    paper=(
        "ours, after He et al., Deep Residual Learning for Image Recognition, CVPR 2016, "
        "https://arxiv.org/abs/1512.03385"
    ),
    year=2016,
    origin="none",
    code_licence="none",
    differs=(
        "Kernels of 7x7 throughout, one block a stage, and no halving ahead of the second stage, where the paper has "
        "3x3 and two blocks a stage or more; its stem loses three quarters of the pixels twice."
    ),
    input_shape=(32, 32, 3),
    parameters=6_477_548,
    receptive_field=None,
    causal=False,
)


@register_model("small_resnet", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class SmallResNet(ConfiguredModel):
    """Classifies images by stages of residual blocks of 7x7 kernels, each at half the size of the one before it.

    Use it where the whole of a small image matters: after the first stage an output sees 19 pixels across. It takes
    raw pixels: fit its normalisation on training images with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        widths: channels of each stage. Defaults to (32, 64, 128, 256).
        blocks: residual blocks in each stage. Defaults to 1.
        kernel_size: height and width of the kernels. Defaults to 7.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        squeeze_reduction: reduction of squeeze-and-excitation in each block, or `None`. Defaults to `None`.
        stochastic_depth: share of samples that lose the last block's branch in training; in proportion fewer lose
            earlier ones. Defaults to 0.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, no stage, or an image too small for the stages.

    Example:
        >>> SmallResNet((48, 64, 3), 10, widths=(8, 16), kernel_size=3).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("small_resnet")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        widths: Sequence[int] = (32, 64, 128, 256),
        blocks: int = 1,
        kernel_size: int = 7,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        squeeze_reduction: int | None = None,
        stochastic_depth: float = 0.0,
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "small_resnet",
    ) -> None:
        check_each_size(widths=widths)
        check_image_sides(image_shape, at_least=2 ** (len(widths) - 1))
        check_classes(num_classes)
        check_sizes(blocks=blocks)
        check_share(stochastic_depth=stochastic_depth)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        stem = ConvolutionBlock2D(
            widths[0], kernel_size, normalization=normalization, activation=activation, name="stem"
        )
        places = [(stage, index) for stage in range(len(widths)) for index in range(blocks)]
        residual_blocks = [
            ResidualBlock2D(
                widths[stage],
                kernel_size,
                strides=2 if stage and not index else 1,
                normalization=normalization,
                activation=activation,
                squeeze_reduction=squeeze_reduction,
                stochastic_depth=stochastic_depth * number / len(places),
                seed=None if seed is None else seed + number,
                name=f"stage_{stage + 1}_block_{index + 1}",
            )
            for number, (stage, index) in enumerate(places, start=1)
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
        self.normalization = normalization
        self.activation = activation
        self.squeeze_reduction = squeeze_reduction
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed
