"""Published weights: where they are looked for, what is checked, and what is changed on the way."""

import hashlib
from typing import Any

import numpy as np
import pytest
import torch

from kerashar.models import create_model, load_timm_weights
from kerashar.models.images.resize_weights import resize_patches, resize_positions
from tests.support import run
from tests.timm_models import publish, random_images, timm, timm_model

THEIRS = {"depths": (1, 1, 1, 1), "dims": (8, 16, 24, 32)}
OURS: dict[str, Any] = {"depths": (1, 1, 1, 1), "widths": (8, 16, 24, 32)}
NAME = "timm/convnext_tiny.fb_in1k"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The hub's cache with one model in it."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--timm--convnext_tiny.fb_in1k"
    snapshot = folder / "snapshots" / "abc"
    file = publish(timm_model("convnext_tiny", (64, 64), **THEIRS), snapshot)
    blob = folder / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
    blob.parent.mkdir()
    file.rename(blob)
    file.symlink_to(blob)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc")
    return snapshot


@pytest.mark.parametrize("declared", [True, False])
def test_the_cache_of_the_hub_gives_weights_and_figures(hub, declared):
    if not declared:  # then what is known of the name
        (hub / "config.json").unlink()
    model = create_model("convnext_tiny", (64, 64, 3), 7, weights=NAME, stem_stride=4, **OURS)
    np.testing.assert_allclose(model.get_layer("normalization").mean, [123.675, 116.28, 103.53], rtol=1e-6)
    np.testing.assert_allclose(model.get_layer("normalization").deviation, [58.395, 57.12, 57.375], rtol=1e-6)


def test_another_head_or_none_keeps_the_rest(hub):
    images = random_images(2, 64, 64, 3)
    features = [
        run(create_model("convnext_tiny", (64, 64, 3), classes, weights=NAME, stem_stride=4, **OURS), images)
        for classes in (0, 3)
    ]
    assert features[0].shape == (2, 32)
    assert features[1].shape == (2, 3)


def test_smaller_patches_get_resized_kernels(hub):
    images = random_images(2, 64, 64, 3)
    large = np.repeat(np.repeat(images, 2, axis=1), 2, axis=2)
    published = create_model("convnext_tiny", (128, 128, 3), 7, weights=NAME, stem_stride=4, **OURS)
    resized = create_model("convnext_tiny", (64, 64, 3), 7, weights=NAME, stem_stride=2, **OURS)
    expected, logits = run(published, large), run(resized, images)
    assert np.corrcoef(expected.ravel(), logits.ravel())[0, 1] > 0.9


def test_a_changed_file_is_refused(hub):
    file = (hub / "model.safetensors").resolve()
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ValueError, match="Expected SHA-256"):
        create_model("convnext_tiny", (64, 64, 3), 7, weights=NAME, **OURS)


def test_a_file_of_ones_own_is_checked_on_request(tmp_path):
    file = publish(timm_model("convnext_tiny", (64, 64), **THEIRS), tmp_path)
    model = create_model("convnext_tiny", (64, 64, 3), 7, **OURS)
    load_timm_weights(model, file, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    with pytest.raises(ValueError, match="Expected SHA-256 0000"):
        load_timm_weights(model, file, sha256="0" * 64)
    (tmp_path / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"config\.json"):
        load_timm_weights(model, file)


def test_what_is_missing_says_how_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=f"hf download {NAME} model.safetensors config.json"):
        create_model("convnext_tiny", (32, 32, 3), 7, weights=NAME, **OURS)
    with pytest.raises(FileNotFoundError, match="where no file is"):
        create_model("convnext_tiny", (32, 32, 3), 7, weights=tmp_path / "none.safetensors", **OURS)


def test_weights_of_another_network_are_refused(tmp_path):
    file = publish(timm_model("convnext_tiny", (64, 64), **THEIRS), tmp_path)
    with pytest.raises(ValueError, match="which lacks"):
        create_model("vit_tiny", (32, 32, 3), 7, weights=file, width=16, depth=1, heads=2)
    with pytest.raises(ValueError, match=r"Expected stem\.0\.weight of shape"):
        create_model("convnext_tiny", (32, 32, 3), 7, weights=file, depths=(1, 1, 1, 1), widths=(16, 16, 24, 32))
    with pytest.raises(ValueError, match="published weights"):
        create_model("tcn", (128, 9), 6, weights=file, levels=1)


@pytest.mark.parametrize("grid", [(4, 6), (14, 14), (20, 17)])
def test_positions_are_resized_as_by_timm(grid):
    positions = np.random.default_rng(0).normal(size=(1, 1 + 14 * 14, 5)).astype("float32")
    expected = timm.layers.resample_abs_pos_embed(torch.from_numpy(positions), list(grid), num_prefix_tokens=1)
    np.testing.assert_allclose(resize_positions(positions, grid), expected.numpy(), atol=1e-5)


@pytest.mark.parametrize("size", [4, 8, 20])
def test_patches_are_resized_as_by_timm(size):
    kernel = np.random.default_rng(0).normal(size=(16, 16, 3, 5)).astype("float32")
    theirs = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
    expected = timm.layers.resample_patch_embed(theirs, [size, size]).numpy().transpose(2, 3, 1, 0)
    np.testing.assert_allclose(resize_patches(kernel, size), expected, atol=1e-4)
