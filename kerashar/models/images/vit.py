"""Vision transformer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from kerashar.layers import LayerNormalization
from kerashar.layers.checks import check_classes, check_share, check_sizes
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.images import (
    ImageNormalization,
    PatchConv2D,
    PatchPositions,
    TokenPooling,
    VisionTransformerBlock,
)
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.sizes import patch_size_for
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="ViT-Ti",
    summary="Attention over patches and nothing else: for published weights, or very many images.",
    paper=(
        "Dosovitskiy et al., An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale, ICLR 2021, "
        "https://arxiv.org/abs/2010.11929; the small sizes are of Touvron et al., ICML 2021"
    ),
    year=2021,
    origin="https://github.com/google-research/vision_transformer",
    code_licence="Apache-2.0",
    differs=(
        "The same network as timm's, weight for weight. Small images get smaller patches unless patch_size says "
        "otherwise. Pixels are normalised inside, by figures of the training set or of the published weights."
    ),
    input_shape=(32, 32, 3),
    parameters=5_361_996,
    receptive_field=None,
    causal=False,
)


@register_model("vit_tiny", CARD)
@register_model("vit_small", replace(CARD, title="ViT-S", parameters=21_340_812), width=384, heads=6)
@register_model("vit_base", replace(CARD, title="ViT-B", parameters=85_148_940), width=768, heads=12)
@keras.saving.register_keras_serializable(package="kerashar")
class ViT(ConfiguredModel):
    """Classifies images by a transformer over their patches, from a class token.

    Use it with published weights: `create_model("vit_tiny", (224, 224, 3), 10,
    weights="timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k")`. It takes raw pixels of 0 to 255; published weights
    bring their normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the class token's features.
        width: channels of each patch. Defaults to 192.
        depth: blocks. Defaults to 12.
        heads: attention patterns in each block. Defaults to 3.
        patch_size: side of a patch, 16 as published. Defaults to `None`: 16 where it leaves 8 patches along the
            image's shorter side, else the largest power of two that does, so 4 for 32 pixels and 8 for 64 and 96.
        stochastic_depth: share of samples that lose the last block's branches in training; in proportion fewer lose
            earlier ones. Defaults to 0.1.
        dropout: share of the features dropped before the logits, in training. Defaults to 0.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, height, width, channels)`, raw pixels. Those that fill no patch are left out.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, a width that heads don't divide, or an image smaller than a patch.

    Example:
        >>> ViT((32, 48, 3), 10, width=16, depth=2, heads=2).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("vit_tiny")`.
    """

    timm_names = (
        (r"^stem", "patch_embed.proj"),
        (r"^positions\.token", "cls_token"),
        (r"^positions\.positions", "pos_embed"),
        (r"^block_(\d+)", "blocks.{}"),
        (r"\.attention_norm", ".norm1"),
        (r"\.network_norm", ".norm2"),
        (r"\.attention\.project", ".attn.proj"),
        (r"\.attention\.", ".attn.qkv."),
        (r"\.network\.widen", ".mlp.fc1"),
        (r"\.network\.narrow", ".mlp.fc2"),
        (r"^logits", "head"),
    )

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        width: int = 192,
        depth: int = 12,
        heads: int = 3,
        patch_size: int | None = None,
        stochastic_depth: float = 0.1,
        dropout: float = 0.0,
        seed: int | None = None,
        name: str = "vit",
    ) -> None:
        check_classes(num_classes)
        check_sizes(width=width, depth=depth, heads=heads)
        check_share(stochastic_depth=stochastic_depth)
        patch = patch_size_for(image_shape, 16, patch_size)

        # === Layers ===
        blocks = [
            VisionTransformerBlock(
                heads,
                stochastic_depth=stochastic_depth * number / depth,
                seed=None if seed is None else seed + 2 * number,  # a block has two
                name=f"block_{number}",
            )
            for number in range(1, depth + 1)
        ]

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = transformed(inputs, width, patch, blocks)  # (batch, 1 + patches, width)
        outputs = LayerNormalization(name="norm")(outputs)
        outputs = TokenPooling("token", name="pool")(outputs)  # (batch, width)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.grid = (image_shape[0] // patch, image_shape[1] // patch)  # of patches
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.heads = heads
        self.patch_size = patch_size
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed


def transformed(inputs: Any, width: int, patch: int, blocks: Sequence[keras.layers.Layer]) -> Any:
    """Class token and patches `(batch, 1 + patches, width)` of an image's raw pixels, after a transformer's blocks."""
    patches = PatchConv2D(width, patch, kernel_initializer=SMALL_NORMAL, name="stem")(
        ImageNormalization(name="normalization")(inputs)
    )  # (batch, rows, columns, width)
    outputs = PatchPositions(name="positions")(patches)
    for block in blocks:
        outputs = block(outputs)
    return outputs
