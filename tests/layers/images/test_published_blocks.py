"""Layers of the published networks. That they compute what timm's do is tested on the whole networks."""

import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import (
    ConvNeXtBlock,
    EVA02Block,
    FeedForward,
    GlobalResponseNormalization,
    ImageAttention,
    InvertedBottleneck,
    LayerScale,
    MetaFormerBlock,
    NormalizedConv2D,
    PaddedConv2D,
    PatchConv2D,
    PatchPositions,
    RotaryEmbedding2D,
    StarReLU,
    SwiGLU,
    TokenPooling,
    VisionTransformerBlock,
)
from tests.support import check_layer, random_signal

IMAGE = (3, 6, 8, 4)
TOKENS = (3, 7, 8)
CASES = {
    "attention": (ImageAttention, {"heads": 2, "key_bias": False}, TOKENS),
    "block of ConvNeXt": (ConvNeXtBlock, {"kernel_size": 3}, IMAGE),
    "block of ConvNeXt V2": (ConvNeXtBlock, {"kernel_size": 3, "response_normalization": True}, IMAGE),
    "block of EVA-02": (EVA02Block, {"heads": 2, "grid": (2, 3), "normalize": True}, TOKENS),
    "block of MetaFormer": (MetaFormerBlock, {"mixer": "convolution"}, IMAGE),
    "block of MetaFormer with attention": (
        MetaFormerBlock,
        {"mixer": "attention", "head_width": 2, "scale_shortcut": True},
        IMAGE,
    ),
    "block of ViT": (VisionTransformerBlock, {"heads": 2, "stochastic_depth": 0.2}, TOKENS),
    "bottleneck": (InvertedBottleneck, {"filters": 4, "hidden": 8, "start_kernel_size": 3, "squeeze": 8}, IMAGE),
    "bottleneck without widening": (InvertedBottleneck, {"filters": 6, "strides": 2}, IMAGE),
    "fused bottleneck": (
        InvertedBottleneck,
        {"filters": 6, "hidden": 8, "kernel_size": 0, "expand_kernel_size": 3, "strides": 2},
        IMAGE,
    ),
    "convolution": (NormalizedConv2D, {"filters": 6, "kernel_size": 3, "strides": 2, "activation": "hard_silu"}, IMAGE),
    "feed forward": (FeedForward, {"hidden": 6, "activation": "star_relu"}, TOKENS),
    "padded convolution": (PaddedConv2D, {"filters": 5, "kernel_size": 7, "strides": 2, "margin": 2}, IMAGE),
    "patches": (PatchConv2D, {"filters": 5, "patch_size": 4}, IMAGE),
    "pooling": (TokenPooling, {"kind": "average"}, TOKENS),
    "positions": (PatchPositions, {}, IMAGE),
    "response normalization": (GlobalResponseNormalization, {}, IMAGE),
    "rotary embedding": (RotaryEmbedding2D, {"grid": (2, 3)}, (3, 7, 2, 8)),
    "scale": (LayerScale, {"start": 0.5}, IMAGE),
    "star relu": (StarReLU, {}, IMAGE),
    "swiglu": (SwiGLU, {"hidden": 6, "normalize": True}, TOKENS),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_check(case, tmp_path):
    layer, settings, shape = CASES[case]
    check_layer(lambda **kw: layer(**settings, **kw), shape, tmp_path)


def test_patches_leave_out_what_fills_none():
    layer = PatchConv2D(5, 4)
    image = random_signal(2, 9, 14, 3)
    outputs = ops.convert_to_numpy(layer(image))
    kernel = ops.convert_to_numpy(layer.kernel)
    patches = image[:, :8, :12].reshape(2, 2, 4, 3, 4, 3)  # (batch, rows, height, columns, width, channels)
    expected = np.einsum("brhcwk,hwkf->brcf", patches, kernel)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_turns_keep_what_is_between_two_patches():
    # The product of a query and a key depends on the way from one patch to the other, not on where both are.
    layer = RotaryEmbedding2D((4, 6), prefix=0)
    query, key = random_signal(1, 1, 1, 8), random_signal(1, 1, 1, 8, seed=1)
    queries, keys = (ops.convert_to_numpy(layer(np.repeat(each, 24, axis=1)))[0, :, 0] for each in (query, key))
    products = (queries @ keys.T).reshape(4, 6, 4, 6)
    np.testing.assert_allclose(products[0, 0, 1, 2], products[2, 3, 3, 5], atol=1e-5)
    assert abs(products[0, 0, 1, 2] - products[0, 0, 2, 1]) > 1e-3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ImageAttention(3)(random_signal(*TOKENS)), "heads=3"),
        (lambda: RotaryEmbedding2D((2, 2))(random_signal(1, 7, 2, 8)), r"\(batch, 5, heads, depth\)"),
        (lambda: MetaFormerBlock("attention")(random_signal(*IMAGE)), "head_width=32"),
        (lambda: MetaFormerBlock("pooling"), "pooling"),
        (lambda: InvertedBottleneck(4, 8, kernel_size=0, strides=2), "strides=2"),
        (lambda: NormalizedConv2D(4, 2), "kernel_size=2"),
        (lambda: NormalizedConv2D(4, strides=2), "strides=2"),
        (lambda: PaddedConv2D(4, 3, margin=-1), "margin=-1"),
        (lambda: PaddedConv2D(4, 3, groups=2, padding="same"), "Received: padding, groups"),
        (lambda: PatchConv2D(4, 8)(random_signal(*IMAGE)), "at least 8"),
        (lambda: TokenPooling("max"), "max"),
        (lambda: FeedForward(4, "gelo"), "gelu"),
    ],
)
def test_refuses_bad_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()
