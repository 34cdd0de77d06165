"""Squares of pixels as channels in place of strides, in the networks that have strides."""

from typing import Any

import numpy as np
import pytest

from kerashar.models import create_model, load_model, load_timm_weights, save_model
from tests.support import run
from tests.timm_models import publish, random_images, timm_model

CASES: dict[str, dict[str, Any]] = {
    "mobilenetv3_small": {"width": 0.35, "total_stride": 32},
    "mobilenetv4_small": {"width": 0.35, "total_stride": 32},
    "caformer_s18": {"depths": (1, 1, 1, 1), "widths": (8, 16, 32, 64), "stem_stride": 2},
}


@pytest.mark.parametrize("name", CASES)
def test_no_stem_has_strides_and_the_maps_keep_their_size(name, tmp_path):
    plain, squares = (create_model(name, (64, 96, 3), 0, space_to_depth=each, **CASES[name]) for each in (False, True))
    assert squares.get_layer("pool").input.shape == plain.get_layer("pool").input.shape
    stem = squares.get_layer("stem")
    (kernel, *_) = stem.weights
    assert tuple(kernel.shape[:3]) == (3, 3, 12)  # the channels of four pixels
    images = random_images(2, 64, 96, 3)
    save_model(squares, tmp_path / "model.keras")
    np.testing.assert_allclose(run(load_model(tmp_path / "model.keras"), images), run(squares, images), atol=1e-5)


@pytest.mark.once
def test_caformer_has_no_strides_at_all():
    model = create_model("caformer_s18", (32, 32, 3), 0, space_to_depth=True, **CASES["caformer_s18"])
    strides = [layer.strides for layer in model._flatten_layers() if hasattr(layer, "strides")]
    assert strides
    assert all(each in (1, (1, 1)) for each in strides)


@pytest.mark.once
def test_published_weights_are_refused(tmp_path):
    file = publish(timm_model("caformer_s18", (32, 32), depths=(1, 1, 1, 1), dims=(8, 16, 32, 64)), tmp_path)
    model = create_model("caformer_s18", (32, 32, 3), 10, space_to_depth=True, **CASES["caformer_s18"])
    with pytest.raises(ValueError, match="stem"):
        load_timm_weights(model, file)
