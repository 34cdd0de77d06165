"""EVA-02."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from kerashar.layers import LayerNormalization
from kerashar.layers.checks import check_classes, check_share, check_sizes
from kerashar.layers.images import EVA02Block, TokenPooling
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.images.sizes import patch_size_for
from kerashar.models.images.vit import transformed
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

# What some of the published networks keep apart, in the order in which our layers join it.
_PARTS = {
    "attn.q_bias": "attn.qkv.bias",
    "attn.v_bias": "attn.qkv.bias",
    "attn.q_proj": "attn.qkv",
    "attn.k_proj": "attn.qkv",
    "attn.v_proj": "attn.qkv",
    "mlp.fc1_g": "mlp.fc1",
    "mlp.fc1_x": "mlp.fc1",
}

CARD = ModelCard(
    title="EVA-02-Ti",
    summary="A vision transformer with rotary positions and gated networks: the strongest published weights here.",
    paper="Fang et al., EVA-02: A Visual Representation for Neon Genesis, 2023, https://arxiv.org/abs/2303.11331",
    year=2023,
    origin="https://github.com/baaivision/EVA",
    code_licence="MIT",
    differs=(
        "The same network as timm's, weight for weight; those of products that it keeps apart are joined. Small images "
        "get smaller patches unless patch_size says otherwise. Pixels are normalised inside, by figures of the "
        "training set or of the published weights."
    ),
    input_shape=(32, 32, 3),
    parameters=5_362_764,
    receptive_field=None,
    causal=False,
)


@register_model("eva02_tiny", CARD)
@register_model("eva02_small", replace(CARD, title="EVA-02-S", parameters=21_342_348), width=384, heads=6)
@register_model(
    "eva02_base", replace(CARD, title="EVA-02-B", parameters=85_201_164), width=768, heads=12, normalize=True
)
@keras.saving.register_keras_serializable(package="kerashar")
class EVA02(ConfiguredModel):
    """Classifies images by a transformer whose attention knows how far apart patches are.

    Use it with published weights: `create_model("eva02_tiny", (336, 336, 3), 10,
    weights="timm/eva02_tiny_patch14_336.mim_in22k_ft_in1k")`. It takes raw pixels of 0 to 255; published weights bring
    their normalisation, else fit it on training images.

    Args:
        image_shape: `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the pooled features.
        width: channels of each patch. Defaults to 192.
        depth: blocks. Defaults to 12.
        heads: attention patterns in each block. Defaults to 3.
        patch_size: side of a patch, 14 as published. Defaults to `None`: 14 where it leaves 8 patches along the
            image's shorter side, else the largest power of two that does, so 4 for 32 pixels and 8 for 64 and 96.
        normalize: whether the hidden layers of the networks are normalised, as in the base size. Defaults to False.
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
        >>> EVA02((32, 48, 3), 10, width=16, depth=2, heads=2).output_shape
        (None, 10)

    Reference:
        See the model card, `kerashar.model_card("eva02_tiny")`.
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
        (r"\.network\.norm", ".mlp.norm"),
        (r"\.network\.narrow", ".mlp.fc2"),
        (r"^norm\.", "fc_norm."),
        (r"^logits", "head"),
    )

    @staticmethod
    def join_timm(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The published weights, those joined that our layers keep in one."""
        joined: dict[str, list[np.ndarray]] = {}
        for name in sorted(tensors, key=_place):
            whole = name
            for part, joint in _PARTS.items():
                whole = whole.replace(part, joint)
            joined.setdefault(whole, []).append(tensors[name])
        return {name: np.concatenate(parts) for name, parts in joined.items()}

    def __init__(
        self,
        image_shape: Sequence[int],
        num_classes: int,
        width: int = 192,
        depth: int = 12,
        heads: int = 3,
        patch_size: int | None = None,
        normalize: bool = False,
        stochastic_depth: float = 0.1,
        dropout: float = 0.0,
        seed: int | None = None,
        name: str = "eva02",
    ) -> None:
        check_classes(num_classes)
        check_sizes(width=width, depth=depth, heads=heads)
        check_share(stochastic_depth=stochastic_depth)
        patch = patch_size_for(image_shape, 14, patch_size)
        grid = (image_shape[0] // patch, image_shape[1] // patch)

        # === Layers ===
        blocks = [
            EVA02Block(
                heads,
                grid,
                normalize,
                hidden=width * 8 // 3,
                stochastic_depth=stochastic_depth * number / depth,
                seed=None if seed is None else seed + 2 * number,  # a block has two
                name=f"block_{number}",
            )
            for number in range(1, depth + 1)
        ]

        # === Functional model ===
        inputs = keras.Input(tuple(image_shape), name="image")  # (batch, height, width, channels)
        outputs = transformed(inputs, width, patch, blocks)  # (batch, 1 + patches, width)
        outputs = TokenPooling("average", name="pool")(outputs)  # (batch, width)
        outputs = LayerNormalization(name="norm")(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.grid = grid  # of patches
        self.image_shape = tuple(image_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.heads = heads
        self.patch_size = patch_size
        self.normalize = normalize
        self.stochastic_depth = stochastic_depth
        self.dropout = dropout
        self.seed = seed


def _place(name: str) -> int:
    return next((place for place, part in enumerate(_PARTS) if part in name), 0)
