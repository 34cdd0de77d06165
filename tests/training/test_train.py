import json
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from keras import ops

from kerashar.models import load_model
from kerashar.training import Recipe, best_model, evaluate, predict_logits, train
from tests.synthetic import make_split

SMALL = {"hidden": 8, "blocks": 1, "dropout": 0.2}


def recipe(**changes):
    return Recipe(**{"epochs": 4, "batch_size": 16, "learning_rate": 1e-2, "model_settings": SMALL, **changes})


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
    assert set(seen[0][1]) == {"loss", "val_loss", "val_accuracy", "val_macro_f1", "seconds"}
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
        import os, signal, sys
        import keras
        from kerashar.training import Recipe, train
        from tests.synthetic import make_split
        from tests.training.test_train import recipe

        class Kill(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                if self.params["epochs"] and self.epoch == 2 and batch == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
            def on_epoch_begin(self, epoch, logs=None):
                self.epoch = epoch

        train(recipe(), make_split(), sys.argv[1], callbacks=[Kill()])
    """)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "killed")], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "model.keras").exists()
    resumed = train(recipe(), make_split(), tmp_path / "killed")
    undisturbed = train(recipe(), make_split())
    assert_same_weights(resumed.model, undisturbed.model)


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": 1.5}, "batch_size=1.5"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"weight_decay": -1}, "weight_decay=-1"),
        ({"label_smoothing": 1}, "label_smoothing=1"),
        ({"seed": -1}, "seed=-1"),
    ],
)
def test_a_recipe_checks_itself(change, message):
    with pytest.raises(ValueError, match=message):
        recipe(**change)


def test_a_recipe_of_unknown_settings_is_refused():
    with pytest.raises(ValueError, match="Did you mean 'epochs'"):
        Recipe.from_json({"epoch": 3})


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
        ({"model": "hydra", "model_settings": {}, "augmentation": {"jitter": 0.1}}, "trained by gradients"),
    ):
        with pytest.raises(ValueError, match=message):
            train(recipe(**settings), make_split())
