"""Plain convolutional network for small images."""

from collections.abc import Sequence
from typing import Literal, get_args

import keras

from kerashar.layers.checks import check_choice, check_classes, check_each_size, check_image_sides, check_sizes
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images import ConvolutionBlock2D, ImageNormalization, MaxPooling2D
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

Downsampling = Literal["max", "average", "strided"]
Pooling = Literal["average", "max"]

CARD = ModelCard(
    title="Plain CNN",
    summary="Baseline of one's own: as many stages as widths, and little else; the one to understand first.",
    paper=(
        "ours, after Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, "
        "ICLR 2015, https://arxiv.org/abs/1409.1556"
    ),
    year=2015,
    origin="none",
    code_licence="none",
    differs=(
        "Stages of 3x3 convolutions with a pooling between them as in the paper; normalised, with a global pooling in "
        "place of its large layers, and three stages for small images where it has five."
    ),
    input_shape=(32, 32, 3),
    parameters=289_132,
    receptive_field=None,
    causal=False,
)


@register_model("plain_cnn", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class PlainCNN(ConfiguredModel):
    """Classifies images by stages of convolutions, each at half the size of the one before it.

    Use it as a baseline, and to try one thing at a time. It takes raw pixels: fit its normalisation on training images
    with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        widths: channels of each stage. Defaults to (32, 64, 128).
        convolutions: convolutions in each stage. Defaults to 2.
        kernel_size: height and width of the kernels. Defaults to 3.
        downsampling: between two stages `"max"` or `"average"` pooling of 2x2, which leaves out an odd last row or
            column, or `"strided"`, by the first convolution of the later one. Defaults to `"max"`.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        pooling: `"average"` or `"max"` of the whole image at the end. Defaults to `"average"`.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, no stage, or an image too small for the stages.

    Example:
        >>> PlainCNN((48, 64, 3), 10, widths=(16, 32), activation="gelu").output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("plain_cnn")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        widths: Sequence[int] = (32, 64, 128),
        convolutions: int = 2,
        kernel_size: int = 3,
        downsampling: Downsampling = "max",
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        pooling: Pooling = "average",
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "plain_cnn",
    ) -> None:
        check_each_size(widths=widths)
        check_image_sides(image_shape, at_least=2 ** (len(widths) - 1))
        check_classes(num_classes)
        check_sizes(convolutions=convolutions)
        check_choice("downsampling", downsampling, get_args(Downsampling))
        check_choice("pooling", pooling, get_args(Pooling))

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        halvings = {"max": MaxPooling2D, "average": keras.layers.AveragePooling2D}
        pools = {"average": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
        trunk = []
        for stage, width in enumerate(widths, start=1):
            if stage > 1 and downsampling != "strided":
                trunk.append(halvings[downsampling](2, name=f"halving_{stage}"))
            trunk += [
                ConvolutionBlock2D(
                    width,
                    kernel_size,
                    strides=2 if downsampling == "strided" and stage > 1 and index == 1 else 1,
                    normalization=normalization,
                    activation=activation,
                    name=f"stage_{stage}_convolution_{index}",
                )
                for index in range(1, convolutions + 1)
            ]
        pool = pools[pooling](name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = normalize(inputs)
        for layer in trunk:
            outputs = layer(outputs)  # (batch, height / 2^stage, width / 2^stage, widths[stage])
        outputs = pool(outputs)  # (batch, widths[-1])
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.widths = tuple(widths)
        self.convolutions = convolutions
        self.kernel_size = kernel_size
        self.downsampling = downsampling
        self.normalization = normalization
        self.activation = activation
        self.pooling = pooling
        self.dropout = dropout
        self.seed = seed
