"""Backbones trained on windows without labels."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from keras import ops

from kerashar.models import create_model, list_models, load_model
from kerashar.models.ridge_model import RidgeModel
from kerashar.training import Recipe, pretrain, recipe_split, unlabelled_sides
from kerashar.training.pretraining import create_task, list_tasks
from kerashar.training.pretraining.contrastive import _Agreement
from kerashar.training.pretraining.masked_reconstruction import _MaskedError, _stretching
from kerashar.training.pretraining.span_mask import SpanMask
from kerashar.training.pretraining.time_features import time_features
from kerashar.training.sides import Sides
from tests.support import random_signal
from tests.synthetic import make_split

SMALL = {"hidden": 8, "blocks": 1, "dropout": 0.2}


def recipe(**changes):
    return Recipe(**{"epochs": 3, "batch_size": 16, "learning_rate": 1e-2, "model_settings": SMALL, **changes})


def assert_same_weights(one, other):
    for left, right in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("task", ["contrastive", "masked"])
def test_learns_writes_a_backbone_and_resumes_exactly(task, tmp_path):
    split = make_split(windows_each=48)  # with half of them the validation loss is a matter of luck
    whole = pretrain(recipe(), split, tmp_path / "whole", task)
    assert min(row["val_loss"] for row in whole.history[1:]) < whole.history[0]["val_loss"]
    assert whole.best_epoch == 1 + int(np.argmin([row["val_loss"] for row in whole.history]))
    pretrain(recipe(), split, tmp_path / "parts", task, on_epoch=lambda epoch, _: epoch == 1)
    resumed = pretrain(recipe(), split, tmp_path / "parts", task)
    assert [row["val_loss"] for row in resumed.history] == [row["val_loss"] for row in whole.history]
    assert_same_weights(resumed.backbone, whole.backbone)
    loaded = load_model(tmp_path / "parts" / "model.keras")
    assert loaded.num_classes == 0
    assert_same_weights(loaded, whole.backbone)
    assert json.loads((tmp_path / "parts" / "pretraining.json").read_text())["task"] == task
    with pytest.raises(ValueError, match="another pretext task"):
        pretrain(recipe(), split, tmp_path / "parts", "masked" if task == "contrastive" else "contrastive")


@pytest.mark.once
def test_nobody_reads_the_labels():
    split = make_split()
    blind = Sides(*(replace(side, labels=np.zeros_like(side.labels)) for side in (split.train, split.validation)))
    one, other = (pretrain(recipe(epochs=1), sides, task="contrastive") for sides in (split, blind))
    assert_same_weights(one.backbone, other.backbone)


def test_the_error_of_blanked_samples_alone_counts():
    decoded, signals = random_signal(4, 16, 3), random_signal(4, 16, 3, seed=1)
    mask = (random_signal(4, 16, 1, seed=2) > 0).astype("float32")
    layer = _MaskedError()
    np.testing.assert_array_equal(ops.convert_to_numpy(layer([decoded, signals, mask])), decoded)
    distance = np.abs(decoded - signals)
    smooth = np.where(distance <= 1, distance**2 / 2, distance - 0.5).mean(axis=-1)
    expected = smooth[mask[..., 0] == 1].mean()
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)
    nothing = _MaskedError()
    nothing([decoded, signals, np.zeros_like(mask)])
    assert float(nothing.losses[0]) == 0


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_the_disagreement_of_views_is_that_of_the_paper(scale):
    places = random_signal(12, 5) * np.float32(scale)
    layer = _Agreement(0.1)
    layer(places)
    unit = places.astype("float64") / np.linalg.norm(places, axis=1, keepdims=True)
    alike = unit @ unit.T / 0.1
    losses = []
    for row in range(12):
        others = np.delete(alike[row], row)
        losses.append(np.log(np.exp(others).sum()) - alike[row, (row + 6) % 12])
    assert float(layer.losses[0]) == pytest.approx(np.mean(losses), rel=1e-4)


def test_spans_cover_the_share_and_are_long_enough():
    mask = ops.convert_to_numpy(SpanMask(0.4, length=6, seed=1)(np.zeros((2000, 64, 2), "float32")))[..., 0]
    assert set(np.unique(mask)) == {0, 1}
    assert mask.mean() == pytest.approx(0.4, abs=0.01)
    assert mask.mean(axis=0) == pytest.approx(np.full(64, 0.4), abs=0.05)  # the ends as often as the middle
    for row in mask[:50]:
        edges = np.flatnonzero(np.diff(row))
        spans = [stop - start for start, stop in pairwise(edges) if row[start + 1]]
        assert all(span >= 6 for span in spans)


@pytest.mark.once
@pytest.mark.parametrize("name", list_models(takes="signals"))
def test_every_model_fits_the_task(name):
    backbone = create_model(name, (128, 6), 0)
    if isinstance(backbone, RidgeModel):
        with pytest.raises(ValueError, match="trained by gradients"):
            pretrain(Recipe(model=name), make_split())
        return
    steps = time_features(backbone)
    assert steps.output_shape[2] > 1
    assert {weight.path for weight in steps.trainable_variables} <= {each.path for each in backbone.trainable_variables}
    training = make_split(time=128).train
    task = create_task("masked", seconds=0.5)
    network = task.network(create_model(name, (128, 2), 0), training, lambda windows, view: windows, seed=0)
    decoded = ops.convert_to_numpy(network(training.windows[:4]))
    assert decoded.shape == (4, 128, 2)
    assert np.isfinite(decoded).all()


@pytest.mark.once
def test_with_features_the_trunk_learns():
    split = make_split()
    for task in list_tasks():
        settings = recipe(epochs=1, features={"jerk": True}, precision="mixed_bfloat16")
        before = pretrain(replace(settings, learning_rate=1e-9), split, task=task).backbone
        after = pretrain(settings, split, task=task).backbone
        moved = [
            not np.allclose(one, other, atol=1e-5)
            for one, other in zip(before.get_weights(), after.get_weights(), strict=True)
        ]
        assert sum(moved) > len(moved) / 2


@pytest.mark.once
def test_steps_are_stretched_to_samples():
    stretching = _stretching(4, 8)
    np.testing.assert_allclose(stretching.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(stretching @ np.arange(4), [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], atol=1e-6)


@pytest.mark.once
def test_whole_recordings_without_the_test_subjects():
    settings = Recipe(data="watch", data_settings={"overlap": 0.0})
    sides, split = unlabelled_sides(settings), recipe_split(settings)
    assert sides.train.class_names == ("unlabelled",)
    assert set(sides.validation.subjects) == set(split.validation.subjects)
    assert not set(sides.train.subjects) & {*split.test.subjects, *sides.validation.subjects}


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "task", "message"),
    [
        ({}, {"task": "maskd"}, "Did you mean 'masked'"),
        ({}, {"task": "masked", "task_settings": {"shar": 0.4}}, "Did you mean 'share'"),
        ({}, {"task": "masked", "task_settings": {"share": 1.0}}, "share above 0 and below 1"),
        ({}, {"task": "masked", "task_settings": {"seconds": 9.0}}, "spans shorter than the 32 samples"),
        ({}, {"task": "contrastive", "task_settings": {"temperature": 0}}, "temperature above 0"),
        ({"loss": "focal"}, {}, "loss at its default"),
        ({"class_weights": "balanced"}, {}, "class_weights at its default"),
        ({"augmentation": {"mixup": 0.2}}, {"task": "contrastive"}, "need no labels"),
        ({"learning_rate": 1e30, "clip_norm": 1e30}, {}, "has diverged"),
    ],
)
def test_what_is_refused(changes, task, message):
    with pytest.raises(ValueError, match=message):
        pretrain(recipe(**changes), make_split(), **task)


@pytest.mark.once
def test_sides_take_no_settings_of_labels():
    with pytest.raises(ValueError, match="no labels: seconds, overlap"):
        unlabelled_sides(Recipe(data="watch", data_settings={"purity": 0.9}))
