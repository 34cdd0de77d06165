"""Densely connected network of large kernels at full size."""

from collections.abc import Sequence

import keras

from kerashar.layers.checks import check_classes, check_each_size, check_image_shape, check_sizes
from kerashar.layers.choices import Activation, Normalization, activation_layer, normalization_layer
from kerashar.layers.images import Conv2D, DenseBlock2D, ImageNormalization
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="DenseNet7x7",
    summary="Keeps every pixel to the end: for tiny images and fine detail, where time does not matter; costly.",
    paper=(
        "ours, after Huang et al., Densely Connected Convolutional Networks, CVPR 2017, "
        "https://arxiv.org/abs/1608.06993"
    ),
    year=2017,
    origin="none",
    code_licence="none",
    differs=(
        "Kernels of 7x7 in place of 3x3, growth 16 in place of 12 to 40, blocks of 3, 6, 12 and 8, and no pooling "
        "between them: all layers work at the size of the image. Transitions halve the channels as in the paper's "
        "DenseNet-BC; there is no 1x1 ahead of the kernels."
    ),
    input_shape=(32, 32, 3),
    parameters=3_194_840,
    receptive_field=None,
    causal=False,
)


@register_model("dense_net_7x7", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class DenseNet7x7(ConfiguredModel):
    """Classifies images by dense blocks of 7x7 kernels at the full size of the image.

    Use it where nothing of a tiny image may be lost. Its cost grows with the number of pixels: at (32, 32, 3) the
    default takes 3.2 billion multiplications an image, ten times as many as `small_resnet`. It takes raw pixels: fit
    its normalisation on training images with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        growth: channels that each convolution adds; the stem gives twice as many. Defaults to 16.
        blocks: convolutions in each dense block. Defaults to (3, 6, 12, 8).
        kernel_size: height and width of the kernels. Defaults to 7.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        dropout: share of the values dropped after each convolution of a block, in training. Defaults to 0.2.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, or no block.

    Example:
        >>> DenseNet7x7((24, 32, 3), 10, growth=4, blocks=(2, 2)).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("dense_net_7x7")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        growth: int = 16,
        blocks: Sequence[int] = (3, 6, 12, 8),
        kernel_size: int = 7,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "dense_net_7x7",
    ) -> None:
        check_image_shape(image_shape)
        check_classes(num_classes)
        check_each_size(blocks=blocks)
        check_sizes(growth=growth)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        settings = {"use_bias": False, "kernel_initializer": "he_normal"}
        trunk = [Conv2D(2 * growth, kernel_size, name="stem", **settings)]
        channels = 2 * growth
        for number, depth in enumerate(blocks, start=1):
            if number > 1:
                channels //= 2
                trunk.append(Conv2D(channels, 1, name=f"transition_{number}", **settings))
            trunk.append(
                DenseBlock2D(
                    depth,
                    growth,
                    kernel_size,
                    dropout,
                    normalization,
                    activation,
                    seed=None if seed is None else seed + sum(blocks[: number - 1]),
                    name=f"block_{number}",
                )
            )
            channels += depth * growth
            # What a block gives is not normalised yet.
            trunk.append(normalization_layer(normalization, channels, name=f"norm_{number}"))
            trunk.append(activation_layer(activation, axes=2, name=f"activation_{number}"))
        pool = keras.layers.GlobalAveragePooling2D(name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = normalize(inputs)
        for layer in trunk:
            outputs = layer(outputs)  # (batch, height, width, some channels)
        outputs = pool(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.growth = growth
        self.blocks = tuple(blocks)
        self.kernel_size = kernel_size
        self.normalization: Normalization = normalization
        self.activation: Activation = activation
        self.dropout = dropout
        self.seed = seed
