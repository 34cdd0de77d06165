"""Network of a global and a local branch."""

from collections.abc import Sequence

import keras

from kerashar.layers import SqueezeExcite
from kerashar.layers.checks import check_classes, check_each_size, check_image_sides
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.images import ConvolutionBlock2D, ImageNormalization, ResidualBlock2D, SpaceToDepthConv2D
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="DualBranch",
    summary="Looks at the whole and at detail apart: for images where both an outline and small marks tell.",
    paper=(
        "ours, of blocks after He et al., Deep Residual Learning for Image Recognition, CVPR 2016, and Sunkara and "
        "Luo, No More Strided Convolutions or Pooling, ECML PKDD 2022, https://arxiv.org/abs/2208.03641"
    ),
    year=2022,
    origin="none",
    code_licence="none",
    differs=(
        "A design of ours: residual blocks of 7x7 kernels with strides, and beside them convolutions of 3x3 that halve "
        "the image by space-to-depth; a 1x1 and a squeeze-and-excitation fuse the two. The papers have one branch."
    ),
    input_shape=(32, 32, 3),
    parameters=2_065_276,
    receptive_field=None,
    causal=False,
)


@register_model("dual_branch", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class DualBranch(ConfiguredModel):
    """Classifies images by a branch of large kernels and one that loses no pixel, fused at the end.

    Use it where both the whole and small detail matter. It takes raw pixels: fit its normalisation on training images
    with `model.get_layer("normalization").fit(images)`.

    Args:
        image_shape: `(height, width, channels)` of one image; its sides are multiples of `2 ** len(widths)`.
        num_classes: number of logits; 0 gives the pooled features.
        widths: channels of each stage of either branch; each stage halves the image. The stem ahead of both has those
            of the first. Defaults to (32, 64, 128).
        global_kernel_size: height and width of the global branch's kernels. Defaults to 7.
        local_kernel_size: those of the local branch, in squares of 2x2 pixels. Defaults to 3.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.2.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, unknown names, no stage, or sides that the halvings don't divide.

    Example:
        >>> DualBranch((48, 64, 3), 10, widths=(8, 16)).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("dual_branch")`.
    """

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        widths: Sequence[int] = (32, 64, 128),
        global_kernel_size: int = 7,
        local_kernel_size: int = 3,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.2,
        seed: int | None = None,
        name: str = "dual_branch",
    ) -> None:
        check_each_size(widths=widths)
        check_image_sides(image_shape, multiple_of=2 ** len(widths))
        check_classes(num_classes)

        # === Layers ===
        normalize = ImageNormalization(name="normalization")
        choices = {"normalization": normalization, "activation": activation}
        stem = ConvolutionBlock2D(widths[0], local_kernel_size, name="stem", **choices)
        global_branch = [
            ResidualBlock2D(width, global_kernel_size, strides=2, name=f"global_{stage}", **choices)
            for stage, width in enumerate(widths, start=1)
        ]
        local_branch = [
            SpaceToDepthConv2D(width, local_kernel_size, name=f"local_{stage}", **choices)
            for stage, width in enumerate(widths, start=1)
        ]
        fusion = ConvolutionBlock2D(widths[-1], 1, name="fusion", **choices)
        gate = SqueezeExcite(name="gate")
        pool = keras.layers.GlobalAveragePooling2D(name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        whole = detail = stem(normalize(inputs))  # (batch, height, width, widths[0])
        for global_stage, local_stage in zip(global_branch, local_branch, strict=True):
            # (batch, height / 2^stage, width / 2^stage, widths[stage]) each
            whole, detail = global_stage(whole), local_stage(detail)
        outputs = gate(fusion(keras.layers.Concatenate(name="branches")([whole, detail])))
        outputs = pool(outputs)  # (batch, widths[-1])
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.widths = tuple(widths)
        self.global_kernel_size = global_kernel_size
        self.local_kernel_size = local_kernel_size
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.seed = seed
