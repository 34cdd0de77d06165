"""Our models give timm's logits with timm's weights."""

import numpy as np
import pytest

from kerashar.models import create_model
from tests.support import run
from tests.timm_models import logits_of, publish, random_images, timm_model

# timm's name, ours, the settings of both that make the network small, and the image's sides.
CASES = {
    "convnext": (
        "convnext_tiny",
        "convnext_tiny",
        {"depths": (1, 1, 2, 1), "dims": (16, 24, 32, 48)},
        {"depths": (1, 1, 2, 1), "widths": (16, 24, 32, 48), "stem_stride": 4},
        (80, 64),
    ),
    "convnextv2": (
        "convnextv2_atto",
        "convnextv2_atto",
        {"depths": (1, 1, 2, 1), "dims": (16, 24, 32, 48)},
        {"depths": (1, 1, 2, 1), "widths": (16, 24, 32, 48), "stem_stride": 4},
        (70, 64),
    ),
    "vit": (
        "vit_tiny_patch16_224",
        "vit_tiny",
        {"depth": 2, "embed_dim": 48, "img_size": (48, 64)},
        {"depth": 2, "width": 48, "patch_size": 16},
        (48, 64),
    ),
    "eva02 tiny": (
        "eva02_tiny_patch14_224",
        "eva02_tiny",
        {"depth": 2, "embed_dim": 48, "img_size": (42, 56)},
        {"depth": 2, "width": 48, "patch_size": 14},
        (42, 56),
    ),
    "eva02 base": (
        "eva02_base_patch14_224",
        "eva02_base",
        {"depth": 2, "embed_dim": 48, "num_heads": 3, "img_size": (42, 56)},
        {"depth": 2, "width": 48, "heads": 3, "patch_size": 14},
        (42, 56),
    ),
    "caformer": (
        "caformer_s18",
        "caformer_s18",
        {"depths": (1, 1, 2, 1), "dims": (16, 24, 32, 64)},
        {"depths": (1, 1, 2, 1), "widths": (16, 24, 32, 64), "stem_stride": 4},
        (64, 96),
    ),
    "mobilenetv3 small": (
        "mobilenetv3_small_050",
        "mobilenetv3_small",
        {},
        {"width": 0.5, "total_stride": 32},
        (70, 64),
    ),
    "mobilenetv4 small": (
        "mobilenetv4_conv_small_050",
        "mobilenetv4_small",
        {},
        {"width": 0.5, "total_stride": 32},
        (70, 64),
    ),
    "mobilenetv4 medium": ("mobilenetv4_conv_medium", "mobilenetv4_medium", {}, {"total_stride": 32}, (64, 64)),
}
# Nothing new but the tables of blocks.
LARGE = {
    "mobilenetv3 large": ("mobilenetv3_large_100", "mobilenetv3_large", {}, {"total_stride": 32}, (128, 96)),
    "mobilenetv4 large": ("mobilenetv4_conv_large", "mobilenetv4_large", {}, {"total_stride": 32}, (64, 64)),
}


@pytest.mark.parametrize("case", CASES)
def test_gives_the_logits_of_timm(case, tmp_path):
    check_parity(CASES[case], tmp_path)


@pytest.mark.once
@pytest.mark.parametrize("case", LARGE)
def test_large_ones_give_the_logits_of_timm(case, tmp_path):
    check_parity(LARGE[case], tmp_path)


def check_parity(case, tmp_path):
    theirs, ours, their_settings, our_settings, sides = case
    reference = timm_model(theirs, sides, **their_settings)
    images = random_images(3, *sides, 3)
    expected = logits_of(reference, images)
    model = create_model(ours, (*sides, 3), 7, weights=publish(reference, tmp_path), **our_settings)
    assert expected.std() > 0.1
    np.testing.assert_allclose(run(model, images), expected, rtol=0, atol=1e-4)
