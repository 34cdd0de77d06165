import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.data import nested_fraction
from kerashar.data.sampling import balanced_class_weights
from kerashar.layers import Conv1D, DepthwiseConv1D, WeightNormalizedConv1D
from kerashar.models import load_model
from kerashar.training import Recipe, best_model, evaluate, predict_logits, train
from kerashar.training.initialize import initialize
from kerashar.training.sides import Sides
from tests.synthetic import make_split

SMALL = {"hidden": 8, "blocks": 1, "dropout": 0.2}


def recipe(**changes):
    return Recipe(**{"epochs": 4, "batch_size": 16, "learning_rate": 1e-2, "model_settings": SMALL, **changes})


def rich_recipe():
    """What keeps state from step to step and from epoch to epoch."""
    return recipe(
        ema_momentum=0.5,
        accumulate=3,  # an epoch has 4 batches, so that what is accumulated passes from one to the next
        augmentation={"mixup": 0.2},
        schedule="plateau",
        schedule_settings={"factor": 0.5, "patience": 1},
    )


def failing_split():
    """Validation windows with other labels: the more is learnt, the worse it gets, so that a plateau comes soon."""
    split = make_split()
    return Sides(split.train, replace(split.validation, labels=(split.validation.labels + 1) % 3))


def weights(model):
    return [ops.convert_to_numpy(weight) for weight in model.weights]


def assert_same_weights(one, other):
    for left, right in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(left, right)


def test_learns_and_writes_what_it_says(tmp_path):
    split = make_split()
    seen = []
    result = train(recipe(epochs=8), split, tmp_path, on_epoch=lambda epoch, figures: seen.append((epoch, figures)))
    assert evaluate(result.model, split.test).accuracy > 0.9
    assert [epoch for epoch, _ in seen] == list(range(1, 9))
    assert set(seen[0][1]) == {*("loss", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate", "seconds")}
    assert Recipe.from_json(json.loads((tmp_path / "recipe.json").read_text())) == recipe(epochs=8)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 9
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        predict_logits(loaded, split.test.windows), predict_logits(result.model, split.test.windows)
    )
    assert result.validation == evaluate(result.model, split.validation)


def test_the_same_seed_gives_the_same_model():
    split = make_split()
    first, second, other = (train(recipe(epochs=2, seed=seed), split) for seed in (3, 3, 4))
    assert_same_weights(first.model, second.model)
    assert any((a != b).any() for a, b in zip(weights(first.model), weights(other.model), strict=True))


@pytest.mark.once  # what was killed, below, is resumed on each backend
def test_a_run_that_stopped_resumes_exactly(tmp_path):
    split = make_split()
    undisturbed = train(recipe(), split, tmp_path / "whole")
    train(recipe(), split, tmp_path / "parts", on_epoch=lambda epoch, _: epoch == 2)
    seen = []
    resumed = train(recipe(), split, tmp_path / "parts", on_epoch=lambda epoch, _: seen.append(epoch))
    assert seen == [1, 2, 3, 4]
    assert [row["loss"] for row in resumed.history] == [row["loss"] for row in undisturbed.history]
    assert_same_weights(resumed.model, undisturbed.model)


def test_a_run_that_was_killed_resumes_exactly(tmp_path):
    # kill -9 in the middle of an epoch, from inside, so that it strikes while weights are changing.
    script = textwrap.dedent("""
        import os, random, signal, sys
        import keras
        from kerashar.training import train
        from tests.training.test_train import failing_split, rich_recipe

        class Kill(keras.callbacks.Callback):
            steps = random.SystemRandom().randrange(5, 14)
            def on_train_batch_end(self, batch, logs=None):
                self.steps -= 1
                if not self.steps:
                    print(self.params, batch, flush=True)
                    os.kill(os.getpid(), signal.SIGKILL)

        train(rich_recipe(), failing_split(), sys.argv[1], callbacks=[Kill()])
    """)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "killed")], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "model.keras").exists()
    resumed = train(rich_recipe(), failing_split(), tmp_path / "killed")
    undisturbed = train(rich_recipe(), failing_split(), tmp_path / "whole")
    assert_same_weights(resumed.model, undisturbed.model)
    with (
        np.load(tmp_path / "killed" / "checkpoint.npz") as left,
        np.load(tmp_path / "whole" / "checkpoint.npz") as right,
    ):
        assert left.files == right.files
        for name in set(left.files) - {"state"}:  # weights, averages, moments, what is accumulated, states of seeds
            np.testing.assert_array_equal(left[name], right[name])
    rates = [row["learning_rate"] for row in undisturbed.history]
    assert rates == [row["learning_rate"] for row in resumed.history]
    if keras.backend.backend() == "torch":  # the others learn more slowly from this seed
        assert rates[0] > rates[-1]


def test_a_finished_run_is_only_read_again(tmp_path):
    split = make_split()
    first = train(recipe(), split, tmp_path)
    before = (tmp_path / "checkpoint.npz").stat().st_mtime_ns
    again = train(recipe(), split, tmp_path)
    assert (tmp_path / "checkpoint.npz").stat().st_mtime_ns == before
    assert_same_weights(first.model, again.model)


def test_stops_early_and_keeps_the_best_epoch(tmp_path):
    split = make_split()
    result = train(recipe(epochs=30, patience=2, learning_rate=0.05), split, tmp_path)
    scores = [(row["val_macro_f1"], -row["val_loss"]) for row in result.history]
    assert len(result.history) < 30
    assert result.best_epoch == 1 + scores.index(max(scores))
    assert len(result.history) - result.best_epoch == 2
    assert_same_weights(best_model(tmp_path, split), result.model)


def test_the_folder_of_another_run_is_refused(tmp_path):
    split = make_split()
    train(recipe(epochs=1), split, tmp_path)
    with pytest.raises(ValueError, match=r"another recipe\. Choose a new folder"):
        train(recipe(epochs=2), split, tmp_path)
    assert json.loads((tmp_path / "recipe.json").read_text())["epochs"] == 1
    with pytest.raises(ValueError, match="another data"):
        train(recipe(epochs=1), make_split(seed=1), tmp_path)
    assert json.loads((tmp_path / "recipe.json").read_text())["epochs"] == 1


@pytest.mark.parametrize("size", [0, 1, 100, -1])
def test_a_damaged_checkpoint_is_refused(tmp_path, size):
    split = make_split()
    train(recipe(epochs=1), split, tmp_path)
    whole = (tmp_path / "checkpoint.npz").read_bytes()
    (tmp_path / "checkpoint.npz").write_bytes(whole[:size])
    with pytest.raises(ValueError, match="to be a checkpoint"):
        train(recipe(epochs=1), split, tmp_path)


def test_a_loss_that_diverges_is_an_error():
    with pytest.raises(ValueError, match="diverged: lower learning_rate"):
        train(recipe(learning_rate=1e20, clip_norm=1e30), make_split())


def test_fewer_windows_than_a_batch():
    result = train(recipe(epochs=1, batch_size=4096), make_split())
    assert len(result.history) == 1


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'hidden'"):
        train(recipe(model_settings={"hiden": 8}), make_split())
    with pytest.raises(ValueError, match="Did you mean 'modern_tcn'"):
        train(recipe(model="modern_tnc"), make_split())


def test_features_and_augmentations_travel_with_the_recipe(tmp_path):
    split = make_split()
    settings = {
        "features": {"stationary_wavelet_transform": {"wavelet": "haar", "level": 2}, "jerk": False},
        "augmentation": {"jitter": 0.05, "mixup": 0.2, "time_shift": True},
        "epochs": 3,
    }
    undisturbed = train(recipe(**settings), split)
    train(recipe(**settings), split, tmp_path, on_epoch=lambda epoch, _: epoch == 2)
    resumed = train(Recipe.from_json(recipe(**settings).to_json()), split, tmp_path)
    assert_same_weights(resumed.model, undisturbed.model)
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.get_layer("features").output.shape[1:] == (32, 8)
    np.testing.assert_array_equal(
        predict_logits(loaded, split.test.windows), predict_logits(resumed.model, split.test.windows)
    )
    plain = train(recipe(**{**settings, "augmentation": {}}), split)
    assert any((a != b).any() for a, b in zip(weights(plain.model), weights(resumed.model), strict=True))


@pytest.mark.once
def test_features_and_augmentations_that_do_not_exist():
    for settings, message in (
        ({"features": {"jrek": True}}, "Did you mean 'jerk'"),
        ({"augmentation": {"jitter": {"deviaton": 1}}}, "Did you mean 'deviation'"),
        ({"model": "hydra", "model_settings": {}, "ema_momentum": 0.9}, "gradients with ema_momentum"),
        ({"accumulate": 99}, "at most the 16 batches"),
        ({"model": "hydra", "model_settings": {}, "augmentation": {"jitter": 0.1}}, "trained by gradients"),
    ):
        with pytest.raises(ValueError, match=message):
            train(recipe(**settings), make_split())


@pytest.mark.parametrize("precision", ["mixed_float16", pytest.param("mixed_bfloat16", marks=pytest.mark.once)])
def test_mixed_precision_stays_in_the_training(tmp_path, precision):
    split = make_split()
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append((self.model.get_layer("pool").compute_dtype, type(self.model.optimizer).__name__))

    result = train(recipe(epochs=6, precision=precision), split, tmp_path, callbacks=[Look()])
    scaled = precision == "mixed_float16"
    assert seen[0][0] == precision.removeprefix("mixed_")
    assert (seen[0][1] == "LossScaleOptimizer") == scaled
    assert result.validation.accuracy > 0.6
    assert keras.config.dtype_policy().name == "float32"
    assert {layer.compute_dtype for layer in result.model.layers} == {"float32"}
    np.testing.assert_array_equal(
        predict_logits(load_model(tmp_path / "model.keras"), split.test.windows),
        predict_logits(result.model, split.test.windows),
    )


def test_the_averages_are_validated_and_kept():
    split = make_split()
    scores = []

    class Own(keras.callbacks.Callback):
        """Measures the weights themselves, behind the back of the callbacks."""

        def on_epoch_end(self, epoch, logs=None):
            scores.append((evaluate(self.model, split.validation).loss, (logs or {})["val_loss"]))

    averaged = train(recipe(epochs=2, ema_momentum=0.8), split, callbacks=[Own()])
    assert all(own != validated for own, validated in scores)
    assert averaged.validation.loss == scores[averaged.best_epoch - 1][1]
    if keras.backend.backend() == "torch":  # averaging changes no training; once is enough
        train(recipe(epochs=2), split, callbacks=[Own()])
        assert [own for own, _ in scores[:2]] == [validated for _, validated in scores[2:]]


@pytest.mark.once
def test_snapshots_are_the_models_of_their_epochs(tmp_path):
    split, seen = make_split(), []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(weights(self.model))

    train(recipe(epochs=4), split, tmp_path, callbacks=[Look()], snapshots_every=2)
    assert sorted(path.name for path in tmp_path.glob("snapshot*")) == ["snapshot-002.keras", "snapshot-004.keras"]
    for number in (2, 4):
        for mine, then in zip(
            weights(load_model(tmp_path / f"snapshot-00{number}.keras")), seen[number - 1], strict=True
        ):
            np.testing.assert_array_equal(mine, then)
    with pytest.raises(ValueError, match="a folder for snapshots"):
        train(recipe(epochs=4), split, snapshots_every=2)


def test_patience_counts_late():
    settings = {"epochs": 9, "patience": 1, "learning_rate": 1e-30}  # nothing is learnt, so each epoch is as bad
    early = train(recipe(**settings), make_split())
    late = train(recipe(**settings, patience_start=5), make_split())
    assert len(early.history) < 5
    assert len(late.history) >= 6


@pytest.mark.once
def test_a_fraction_of_the_windows_trains():
    split = make_split()
    result = train(recipe(epochs=1, data_settings={"fraction": 0.25}), split)
    part = split.train.select(nested_fraction(split.train.labels, 0.25, 0, split.train.subjects))
    assert len(part) == len(split.train) // 4
    assert_same_weights(result.model, train(recipe(epochs=1), Sides(part, split.validation)).model)


@pytest.mark.once
def test_own_targets_replace_the_labels(tmp_path):
    split = make_split()
    swapped = np.array([1, 0, 2])[split.train.labels]  # still for slow and slow for still
    targets = np.eye(3, dtype="float32")[swapped]
    result = train(recipe(epochs=1), split, tmp_path, targets=targets)
    relabelled = Sides(replace(split.train, labels=swapped), split.validation)
    assert_same_weights(result.model, train(recipe(epochs=1), relabelled).model)
    with pytest.raises(ValueError, match="another targets"):
        train(recipe(epochs=1), split, tmp_path)
    with pytest.raises(ValueError, match=r"targets \(72, width\)"):
        train(recipe(), split, targets=targets[1:])


@pytest.mark.once
def test_balanced_weights_come_from_the_training_labels():
    split = make_split()
    rows = np.flatnonzero((split.train.labels != 2) | (np.arange(len(split.train)) % 4 == 0))
    rare = Sides(split.train.select(rows), split.validation)
    weights = balanced_class_weights(rare.train.labels, 3)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.model.loss.class_weights)

    train(recipe(epochs=1, class_weights="balanced"), rare, callbacks=[Look()])
    assert seen == [weights]
    assert len(set(weights)) > 1


@pytest.mark.once
@pytest.mark.parametrize("rule", ["he", "xavier"])
def test_kernels_are_drawn_by_the_rule(rule):
    model = keras.Sequential(
        [
            keras.Input((50, 40)),
            Conv1D(60, 5, name="full"),
            DepthwiseConv1D(9, name="depthwise"),
            WeightNormalizedConv1D(60, 3, name="normalized"),
            keras.layers.LSTM(8, name="recurrent"),
            keras.layers.Dense(8, kernel_initializer="identity", name="identity"),
            keras.layers.Dense(200, name="dense"),
            keras.layers.Dense(6, kernel_initializer="zeros", name="logits"),
        ]
    )
    before = {layer.name: layer.get_weights() for layer in model.layers}
    initialize(model, rule, seed=3)
    fans = {"full": (200, 300), "depthwise": (9, 540), "normalized": (180, 180), "dense": (8, 200)}
    for name, (fan_in, fan_out) in fans.items():
        kernel = ops.convert_to_numpy(model.get_layer(name).kernel)
        expected = np.sqrt(2 / fan_in if rule == "he" else 2 / (fan_in + fan_out))
        assert kernel.std() == pytest.approx(expected, rel=0.1)
        assert (kernel != before[name][0]).any()
    for name in ("recurrent", "identity", "logits"):
        for now, then in zip(model.get_layer(name).get_weights(), before[name], strict=True):
            np.testing.assert_array_equal(now, then)
    first = model.get_layer("full").get_weights()[0]
    initialize(model, rule, seed=3)
    np.testing.assert_array_equal(model.get_layer("full").get_weights()[0], first)
    initialize(model, rule, seed=4)
    assert (model.get_layer("full").get_weights()[0] != first).any()
