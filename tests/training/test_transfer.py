"""Training that begins with the weights of a trained model."""

import json

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from kerashar.cli.main import app
from kerashar.features import FeatureStack, Jerk
from kerashar.models import FeatureModel, create_model, list_models, load_model, save_model
from kerashar.models.ridge_model import RidgeModel
from kerashar.training import (
    Probe,
    Recipe,
    extract_features,
    fine_tune,
    freeze_below,
    start_from,
    train,
)
from tests.support import random_signal, scramble
from tests.synthetic import make_split

SMALL = {"hidden": 8, "blocks": 2, "dropout": 0.2}
RESIDUAL = {"width": 4, "depth": 2, "blocks": 1}


def recipe(**changes):
    return Recipe(**{"epochs": 2, "batch_size": 16, "learning_rate": 1e-2, "model_settings": SMALL, **changes})


def changed(before, after):
    """Paths of the weights that differ."""
    pairs = zip(before.weights, after.weights, strict=True)
    return {one.path for one, other in pairs if not np.array_equal(one.numpy(), other.numpy())}


def trained_file(path, **settings):
    """A model of other classes, with weights that no seed draws."""
    model = create_model("modern_tcn", (32, 2), 5, **{**SMALL, **settings})
    scramble(model)
    model.get_layer("normalization").fit(random_signal(8, 32, 2))
    save_model(model, path)
    return load_model(path)


@pytest.mark.once
def test_all_but_the_head_is_taken():
    one, other = (create_model("modern_tcn", (32, 2), classes, **SMALL) for classes in (5, 3))
    scramble(one)
    start_from(other, one)
    pairs = list(zip(one.weights, other.weights, strict=True))
    assert all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs if not a.path.startswith("logits"))
    with pytest.raises(ValueError, match="layer 'logits' and its weights of"):
        start_from(other, one, keep_head=True)
    same = create_model("modern_tcn", (32, 2), 5, **SMALL)
    start_from(same, one, keep_head=True)
    assert not changed(one, same)


@pytest.mark.once
def test_a_model_that_does_not_fit_changes_nothing():
    model = create_model("modern_tcn", (32, 2), 3, **SMALL)
    before = model.get_weights()
    for other, message in (
        (create_model("modern_tcn", (32, 3), 3, **SMALL), "with weights of"),
        (create_model("modern_tcn", (32, 2), 3, **{**SMALL, "blocks": 1}), "'block_2'.*no such layer"),
        (FeatureModel((32, 2), 3, FeatureStack([Jerk(50.0)]), model_settings=SMALL), "no such layer"),
    ):
        with pytest.raises(ValueError, match=message):
            start_from(model, other)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.once
def test_models_inside_are_gone_through():
    one, other = (FeatureModel((32, 2), n, FeatureStack([Jerk(50.0)], "branch"), model_settings=SMALL) for n in (5, 3))
    scramble(one)
    start_from(other, one)
    np.testing.assert_array_equal(
        extract_features(one, random_signal(4, 32, 2)), extract_features(other, random_signal(4, 32, 2))
    )
    freeze_below(other, 0)
    assert [weight.path for weight in other.trainable_variables] == ["logits/kernel", "logits/bias"]


@pytest.mark.once
@pytest.mark.parametrize("name", list_models(takes="signals"))
def test_every_model_is_frozen_from_the_stem_up(name):
    model = create_model(name, (128, 6), 5)
    if isinstance(model, RidgeModel):
        return  # fitted in closed form: a recipe refuses to start one, below
    everything = len(model.trainable_variables)
    counts = []
    for depth in range(40):
        freeze_below(model, depth)
        counts.append(len(model.trainable_variables))
    assert counts == sorted(counts)
    assert counts[-1] == everything
    assert counts[0] < everything
    freeze_below(model, 0)
    assert {weight.path.split("/")[0] for weight in model.trainable_variables} == {"logits"}


def test_what_is_frozen_stays_as_it_was_with_its_batch_statistics():
    model = create_model("resnet1d", (32, 2), 3, **RESIDUAL)
    scramble(model)
    before = keras.models.clone_model(model)
    before.set_weights(model.get_weights())
    freeze_below(model, 1)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(random_signal(16, 32, 2), np.arange(16) % 3, batch_size=8, verbose=0)
    moved = {path.split("/")[0] for path in changed(before, model)}
    assert "logits" in moved
    assert len(moved) == 2  # and the block ahead of it, whose batch statistics move too
    freeze_below(model, 0)
    frozen = model.get_weights()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(random_signal(16, 32, 2), np.arange(16) % 3, batch_size=8, verbose=0)
    for weight, value in zip(model.weights, frozen, strict=True):
        assert np.array_equal(weight.numpy(), value) != weight.path.startswith("logits")


def test_a_recipe_starts_from_a_file_and_trains_the_head(tmp_path):
    source = trained_file(tmp_path / "source.keras")
    split = make_split()
    settings = recipe(start=str(tmp_path / "source.keras"), trained_depth=0)
    result = train(settings, split, tmp_path / "run")
    tuned = load_model(tmp_path / "run" / "model.keras")
    theirs = {weight.path: weight.numpy() for weight in source.weights}
    for weight in tuned.weights:
        assert np.array_equal(weight.numpy(), theirs[weight.path]) != weight.path.startswith("logits")
    assert len(result.model.trainable_variables) == len(source.trainable_variables)  # nothing stays frozen
    assert len(json.loads((tmp_path / "run" / "run.json").read_text())["start"]) == 64
    scramble(source, 0.1)
    save_model(source, tmp_path / "source.keras")
    with pytest.raises(ValueError, match="a checkpoint with another start"):
        train(settings, split, tmp_path / "run")


@pytest.mark.once
def test_stages_go_on_where_the_one_before_ended_and_where_they_were_interrupted(tmp_path):
    trained_file(tmp_path / "source.keras")
    split = make_split()
    settings = recipe(start=str(tmp_path / "source.keras"), layer_decay=0.8)
    stages = [{"trained_depth": 0}, {"trained_depth": 1, "epochs": 3}, {}]
    whole = fine_tune(settings, split, tmp_path / "whole", stages)
    first, second = (load_model(tmp_path / "whole" / f"stage_{number}" / "model.keras") for number in (1, 2))
    # Only what is at most one layer below the head may differ.
    assert {path.split("/")[0] for path in changed(first, second)} <= {"block_2", "head_norm", "logits"}
    assert changed(second, whole.model) > changed(first, second)
    written = json.loads((tmp_path / "whole" / "stage_2" / "recipe.json").read_text())
    assert (written["trained_depth"], written["epochs"], written["keep_head"]) == (1, 3, True)
    assert not changed(whole.model, load_model(tmp_path / "whole" / "model.keras"))

    class Interrupt(keras.callbacks.Callback):
        epochs = 4  # the second epoch of the second stage

        def on_epoch_begin(self, epoch, logs=None):
            self.epochs -= 1
            if not self.epochs:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(settings, split, tmp_path / "parts", stages, callbacks=[Interrupt()])
    assert not (tmp_path / "parts" / "stage_3").exists()
    resumed = fine_tune(settings, split, tmp_path / "parts", stages)
    assert not changed(resumed.model, whole.model)


@pytest.mark.once
def test_a_probe_is_a_classifier_of_the_features(tmp_path):
    split = make_split()
    model = train(recipe(epochs=6), split).model
    for kind, settings in (("linear", (0.01, 0.1, 1.0, 10.0)), ("neighbours", (1, 5, 15))):
        probe = Probe.fit(model, split, kind)
        assert probe.setting in settings
        assert probe.validation.accuracy > 0.8
        features = extract_features(model, split.test.windows)
        predicted = probe.classifier.predict(features)
        assert probe.evaluate(split.test).accuracy == pytest.approx((predicted == split.test.labels).mean())
    logits = model.get_layer("logits")
    by_hand = features @ logits.kernel.numpy() + logits.bias.numpy()
    np.testing.assert_allclose(by_hand, model.predict(split.test.windows, verbose=0), rtol=1e-4, atol=1e-4)
    few = Probe.fit(model, split, fraction=0.05)
    assert len(few.classifier.classes_) == 3
    unseen = make_split()
    rows = unseen.train.labels < 2  # the third class is never seen
    object.__setattr__(unseen, "train", unseen.train.select(rows))
    assert Probe.fit(model, unseen).evaluate(unseen.test).per_class["fast"] == 0


@pytest.mark.once
def test_what_is_refused(tmp_path):
    split = make_split()
    for settings, message in (
        ({"keep_head": True}, "Expected a start"),
        ({"trained_depth": 0}, "Expected a start"),
        ({"trained_depth": -1, "start": "a.keras"}, "trained_depth to be a whole number"),
        ({"start": 3}, "the path of a .keras file"),
    ):
        with pytest.raises(ValueError, match=message):
            recipe(**settings)
    trained_file(tmp_path / "source.keras")
    start = recipe(start=str(tmp_path / "source.keras"))
    for call, message in (
        (lambda: fine_tune(recipe(), split, tmp_path / "run"), "a recipe with start"),
        (lambda: fine_tune(start, split, tmp_path / "run", []), "at least one stage"),
        (lambda: fine_tune(start, split, tmp_path / "run", [{}, {"epoch": 3}]), "Did you mean 'epochs'"),
        (lambda: train(Recipe(model="hydra", start=str(tmp_path / "source.keras")), split), "gradients with start"),
        (lambda: freeze_below(load_model(tmp_path / "source.keras"), -1), "depth of at least 0"),
        (lambda: Probe.fit(load_model(tmp_path / "source.keras"), split, "liner"), "Did you mean 'linear'|linear"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert not (tmp_path / "run").exists()
    with pytest.raises(FileNotFoundError):
        train(recipe(start="missing.keras"), split)


@pytest.mark.once
def test_the_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--set", "hidden=8", "--set", "blocks=1"]

    def call(*arguments):
        done = CliRunner().invoke(app, [str(each) for each in arguments])
        assert done.exit_code == 0, done.output
        return done.output

    shown = call("pretrain", "modern_tcn", "--data", "watch", "--epochs", 1, "--run", "pre", *small)
    assert "windows without labels" in shown
    tuning = (
        *("fine-tune", "pre/model.keras", "--fraction", 0.25, "--epochs", 1, "--run", "tuned"),
        *("--stage", "trained_depth=0,epochs=1", "--stage", "layer_decay=0.8"),
    )
    assert "test accuracy" in call(*tuning)
    assert "those on record" in call(*tuning)
    written = json.loads((tmp_path / "tuned" / "stage_2" / "recipe.json").read_text())
    assert written["data_settings"] == {"fraction": 0.25}
    assert written["layer_decay"] == 0.8
    assert json.loads((tmp_path / "tuned" / "test.json").read_text())["looks"] == 1
    shown = call("probe", "pre/model.keras", "--data", "watch", "--kind", "neighbours", "--test")
    assert "neighbours probe of 100%" in shown
    assert "test accuracy" in shown
    refused = CliRunner().invoke(app, ["fine-tune", "elsewhere/alone.keras"])
    assert isinstance(refused.exception, ValueError)
    assert "Expected a recipe.json beside" in str(refused.exception)
