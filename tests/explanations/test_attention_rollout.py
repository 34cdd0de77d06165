from typing import Any

import keras
import numpy as np
import pytest

from kerashar.explanations import attention_rollout
from kerashar.features import FeatureStack, Jerk
from kerashar.layers import RegressionHead
from kerashar.models import CNNTransformer, FeatureModel, HeadedModel, attention_weights, create_model
from tests.explanations.planted import localisation
from tests.support import random_signal, scramble

PATCHES: dict[str, Any] = {"width": 16, "depth": 3, "heads": 2}


def rolled_out(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """As in the paper, sample by sample."""
    found = []
    for index in range(len(samples)):
        flow = None
        for weights in attention_weights(model, samples).values():
            mean = weights[index].mean(axis=0)
            shortcut = 0.5 * mean + 0.5 * np.eye(len(mean))
            flow = shortcut if flow is None else shortcut @ flow
        found.append(flow)
    return np.stack(found)


def grown(rows: np.ndarray, times: int) -> np.ndarray:
    """Values in the middle of `times` samples each, and lines between them."""
    middles = (np.arange(rows.shape[-1] * times) + 0.5) / times - 0.5
    return np.stack([np.interp(middles, np.arange(rows.shape[-1]), row) for row in rows.reshape(-1, rows.shape[-1])])


@pytest.mark.parametrize("name", ["vit_tiny", "eva02_tiny"])
def test_the_formula_on_images(name):
    model = create_model(name, (32, 48, 3), 5, patch_size=8, **PATCHES)
    scramble(model, 0.3)
    images = random_signal(2, 32, 48, 3) * 50 + 100
    flow = rolled_out(model, images)
    rows = flow[:, 0] if name == "vit_tiny" else flow[:, 1:].mean(axis=1)
    grids = rows[:, 1:].reshape(2, 4, 6)
    wide = grown(grids, 8).reshape(2, 4, 48)
    expected = grown(np.moveaxis(wide, 1, 2), 8).reshape(2, 48, 32).transpose(0, 2, 1)
    maps = attention_rollout(model, images)
    assert maps.dtype == np.float32
    assert np.ptp(maps) > 0.01  # else any map would do
    np.testing.assert_allclose(maps, expected / expected.max(axis=(1, 2), keepdims=True), atol=1e-5)
    np.testing.assert_array_equal(attention_rollout(model, images), maps)


@pytest.mark.parametrize("pooling", ["average", "last"])
def test_the_formula_on_windows(pooling):
    model = CNNTransformer((64, 3), 4, width=8, heads=2, blocks=3, pooling=pooling)
    scramble(model, 0.3)
    windows = random_signal(3, 64, 3)
    flow = rolled_out(model, windows)
    expected = grown(flow[:, -1] if pooling == "last" else flow.mean(axis=1), 8)
    maps = attention_rollout(model, windows)
    assert maps.shape == (3, 64)
    np.testing.assert_allclose(maps, expected / expected.max(axis=1, keepdims=True), atol=1e-5)


def test_the_last_stage_of_caformer():
    model = create_model("caformer_s18", (32, 64, 3), 5, depths=(1, 1, 1, 2), widths=(8, 16, 32, 32), stem_stride=1)
    scramble(model, 0.3)
    images = random_signal(2, 32, 64, 3) * 50 + 100
    last = [weights for name, weights in attention_weights(model, images).items() if name.startswith("stage_4")]
    assert [weights.shape for weights in last] == [(2, 1, 32, 32)] * 2
    first, second = (0.5 * weights.mean(axis=1) + 0.5 * np.eye(32) for weights in last)
    places = (second @ first).mean(axis=1).reshape(2, 4, 8)
    maps = attention_rollout(model, images)
    assert maps.shape == (2, 32, 64)
    # Beyond the middles of the outer places nothing is interpolated: the corners have their values.
    corners = places[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    ours = maps[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_allclose(ours / ours[:, :1], corners / corners[:, :1], rtol=1e-4)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "settings", "share", "peaks"),
    [("cnn_transformer", {}, 0.4, 0.7), ("vit_tiny", {"depth": 1, "heads": 1}, 0.2, 0.5)],
)
def test_maps_lie_on_what_was_planted(name, settings, share, peaks):
    scores = localisation(attention_rollout, name, **settings)
    assert scores["chance"] <= 0.25
    assert scores["share"] > share
    assert scores["peaks"] > peaks


def test_a_model_within_another():
    settings = {"width": 8, "heads": 2, "blocks": 1}
    windows = random_signal(2, 64, 3)
    headed = HeadedModel((64, 3), RegressionHead(0.0, 1.0), "cnn_transformer", settings)
    expected = attention_rollout(headed.get_layer("trunk"), windows)
    np.testing.assert_array_equal(attention_rollout(headed, windows), expected)
    behind = FeatureModel((64, 3), 4, FeatureStack([Jerk(50.0)]), "cnn_transformer", settings)
    assert attention_rollout(behind, windows).shape == (2, 64)
    beside = FeatureModel((64, 3), 4, FeatureStack([Jerk(50.0)], mode="branch"), "cnn_transformer", settings)
    expected = attention_rollout(beside.get_layer("trunk"), windows)
    np.testing.assert_array_equal(attention_rollout(beside, windows), expected)


@pytest.mark.once
def test_refuses_what_has_no_blocks_of_attention():
    plain = create_model("tcn", (16, 2), 3, hidden=4, levels=1)
    gathering = create_model("attention_resnet1d", (16, 2), 3)  # attention inside a convolution's branch
    for model in (plain, gathering):
        with pytest.raises(ValueError, match=f"model of attention blocks.*Received: '{model.name}'"):
            attention_rollout(model, random_signal(2, 16, 2))
    model = create_model("vit_tiny", (32, 32, 3), 5, **PATCHES)
    with pytest.raises(ValueError, match=r"Expected samples \(n, 32, 32, 3\)"):
        attention_rollout(model, random_signal(2, 16, 16, 3))
    with pytest.raises(ValueError, match="finite"):
        attention_rollout(model, np.full((1, 32, 32, 3), np.inf))
