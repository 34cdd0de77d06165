import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import chain
from pathlib import Path

import keras
import numpy as np
import pytest

from kerashar.data import split_by_subject
from kerashar.models import Ensemble, load_model
from kerashar.training import Metrics, Recipe, evaluate, predict_logits
from kerashar.training.cross_validation import cross_validate
from kerashar.training.fold import Fold
from kerashar.training.folds_result import FoldsResult
from kerashar.training.paired_comparison import compare_runs
from kerashar.training.predictions import Predictions
from tests.synthetic import make_windows

RECIPE = Recipe(epochs=2, batch_size=16, learning_rate=1e-2, model_settings={"hidden": 8, "blocks": 1, "dropout": 0.2})
SIX = [f"s{number}" for number in range(1, 7)]


def folded_split():
    return split_by_subject(make_windows(subjects=8), test_subjects=["s0", "s7"], validation_subjects=["s3"])


def stamps(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("folds") / "run"


@pytest.fixture(scope="module")
def result(folder) -> FoldsResult:
    return cross_validate(RECIPE, folded_split(), folder, 3)


def test_each_subject_is_held_out_once_and_by_a_model_that_never_saw_them(result, folder):
    windows = make_windows(subjects=8)
    everyone = windows.select(np.isin(windows.subjects, SIX))
    assert sorted(chain.from_iterable(fold.subjects for fold in result.folds)) == SIX
    settings = json.loads((folder / "cross_validation.json").read_text())
    for fold, sides in zip(result.folds, settings["folds"], strict=True):
        assert sorted([*sides["train"], *sides["validation"], *sides["test"]]) == SIX
        assert (sides["validation"], sides["test"]) == (fold.validation_subjects, fold.subjects)
        own = folder / f"fold_{fold.number}"
        parts = {side: everyone.select(np.isin(everyone.subjects, names)) for side, names in sides.items()}
        trained_on = json.loads((own / "run.json").read_text())["data"]
        assert trained_on == {side: parts[side].fingerprint() for side in ("train", "validation")}
        files = {path.name for path in own.iterdir()}
        assert {"recipe.json", "checkpoint.npz", "history.csv", "model.keras", "predictions.npz", "fold.json"} <= files
        assert len((own / "history.csv").read_text().splitlines()) == 1 + len(fold.history)
        kept = Predictions.load(own / "predictions.npz")
        assert set(kept.subjects.tolist()) == set(fold.subjects)
        assert fold.held_out == kept.metrics()
        assert Fold.from_json(json.loads((own / "fold.json").read_text())) == fold
    # Out of fold, in the order of subjects, each window by its own fold's model.
    said, first = result.predictions, result.folds[0]
    assert said.data == everyone.fingerprint()
    rows = np.isin(everyone.subjects, first.subjects)
    model = load_model(folder / "fold_1" / "model.keras")
    np.testing.assert_array_equal(said.logits[rows], predict_logits(model, everyone.windows[rows]))
    assert not (folder / "test.json").exists()
    assert not (folder / "test_looks.jsonl").exists()


@pytest.mark.once
def test_table_summary_and_picture(result, folder):
    with open(folder / "folds.csv", newline="") as file:
        table = {row["fold"]: row for row in csv.DictReader(file)}
    assert list(table) == ["1", "2", "3", "mean", "deviation", "pooled", "pooled, 2.5 %", "pooled, 97.5 %"]
    values = [fold.held_out.accuracy for fold in result.folds]
    assert float(table["mean"]["accuracy"]) == pytest.approx(np.mean(values))
    assert float(table["deviation"]["accuracy"]) == pytest.approx(np.std(values, ddof=1))
    part = result.summary()["macro_f1"]
    pooled = result.predictions.metrics()
    assert part["pooled"] == pytest.approx(pooled.macro_f1)
    assert result.summary()["accuracy"]["pooled"] == pytest.approx(pooled.accuracy)
    assert part["interval"][0] <= part["pooled"] <= part["interval"][1]
    note = json.loads((folder / "folds.json").read_text())
    assert note["summary"] == result.summary()
    assert [Fold.from_json(each) for each in note["folds"]] == result.folds
    with open(folder / "subjects.csv", newline="") as file:
        people = list(csv.DictReader(file))
    assert [row["subject"] for row in people] == SIX
    assert float(people[0]["accuracy"]) == pooled.per_subject["s1"]["accuracy"]
    assert (folder / "folds.png").read_bytes().startswith(b"\x89PNG")
    assert compare_runs(folder, result.predictions).difference == 0


@pytest.mark.once
def test_a_finished_run_is_only_read_and_test_is_looked_at_once(result, folder):
    before = stamps(folder)
    again = cross_validate(RECIPE, folded_split(), folder, 3, test=True)
    assert before.items() <= stamps(folder).items()
    assert again.folds == result.folds
    np.testing.assert_array_equal(again.predictions.logits, result.predictions.logits)
    split = folded_split()
    best, ensemble = load_model(folder / "best_fold.keras"), load_model(folder / "ensemble.keras")
    assert isinstance(ensemble, Ensemble)
    assert len(ensemble.members) == 3
    assert again.test == evaluate(best, split.test)
    assert again.ensemble == evaluate(ensemble, split.test)
    note = json.loads((folder / "test.json").read_text())
    assert note["looks"] == 1
    assert note["model"] == f"fold {result.best_fold.number}"
    assert note["recipe"] == RECIPE.version_name
    assert Metrics(**note["ensemble"]) == again.ensemble
    # Asked again, it reads what it saw; a warning of a second look would fail here.
    (folder / "test.json").unlink()
    once_more = cross_validate(RECIPE, folded_split(), folder, 3, test=True)
    assert (once_more.test, once_more.ensemble) == (again.test, again.ensemble)
    assert json.loads((folder / "test.json").read_text())["looks"] == 1
    assert len((folder / "test.csv").read_text().splitlines()) == 2


@pytest.mark.once
def test_another_cross_validation_in_the_folder_is_refused(result, folder):
    split = folded_split()
    for recipe, count, seed, words in (
        (replace(RECIPE, epochs=4), 3, 0, "another recipe"),
        (RECIPE, 2, 0, "another folds"),
        (RECIPE, 3, 1, "another folds"),
    ):
        with pytest.raises(ValueError, match=words):
            cross_validate(recipe, split, folder, count, seed=seed)
    other = replace(split, train=replace(split.train, windows=split.train.windows + 1), allow_leakage="for a test")
    with pytest.raises(ValueError, match="another data"):
        cross_validate(RECIPE, other, folder, 3)
    assert Recipe.from_json(json.loads((folder / "recipe.json").read_text())) == RECIPE


@pytest.mark.once
def test_a_run_killed_in_the_middle_of_a_fold_goes_on_there(result, folder, tmp_path):
    script = textwrap.dedent("""
        import os, signal, sys
        import keras
        from kerashar.training.cross_validation import cross_validate
        from tests.training.test_cross_validation import RECIPE, folded_split

        class Kill(keras.callbacks.Callback):
            trainings = 0
            def on_train_begin(self, logs=None):
                Kill.trainings += 1
            def on_epoch_begin(self, epoch, logs=None):
                self.epoch = epoch
            def on_train_batch_end(self, batch, logs=None):
                if (Kill.trainings, self.epoch, batch) == (3, 1, 1):
                    os.kill(os.getpid(), signal.SIGKILL)

        cross_validate(RECIPE, folded_split(), sys.argv[1], 3, callbacks=[Kill()])
    """)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    killed = tmp_path / "killed"
    done = subprocess.run([sys.executable, "-c", script, str(killed)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (killed / "fold_2" / "fold.json").exists()
    assert (killed / "fold_3" / "checkpoint.npz").exists()
    assert not (killed / "fold_3" / "fold.json").exists()
    assert not (killed / "folds.json").exists()
    before = stamps(killed)
    resumed = cross_validate(RECIPE, folded_split(), killed, 3)
    changed = {path.parent for path, stamp in stamps(killed).items() if before.get(path) != stamp}
    assert changed == {killed, killed / "fold_3"}
    np.testing.assert_array_equal(resumed.predictions.logits, result.predictions.logits)
    for ours, theirs in zip(resumed.folds, result.folds, strict=True):
        assert ours.held_out == theirs.held_out
        assert [row["loss"] for row in ours.history] == [row["loss"] for row in theirs.history]


class StopError(Exception):
    """Raised ahead of the first training."""


class Stop(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        raise StopError


@pytest.mark.once
def test_leave_one_subject_out_and_a_fold_for_each_subject(tmp_path):
    with pytest.raises(StopError):
        cross_validate(RECIPE, make_windows(subjects=5), tmp_path, "leave_one_subject_out", callbacks=[Stop()])
    folds = json.loads((tmp_path / "cross_validation.json").read_text())["folds"]
    assert sorted(fold["test"] for fold in folds) == [["s0"], ["s1"], ["s2"], ["s3"], ["s4"]]
    assert all(len(fold["validation"]) == 1 for fold in folds)


@pytest.mark.once
def test_folds_that_share_windows_are_refused_before_anything_is_trained(tmp_path):
    windows = make_windows(subjects=6)
    copied = windows.windows.copy()
    copied[windows.subjects == "s4"] = copied[windows.subjects == "s2"]  # one person under two names
    with pytest.raises(ValueError, match="windows with a stretch of equal samples"):
        cross_validate(RECIPE, replace(windows, windows=copied), tmp_path, 6)
    assert not list(tmp_path.iterdir())


@pytest.mark.once
@pytest.mark.parametrize(
    ("windows", "folds", "settings", "words"),
    [
        (make_windows(subjects=2), 2, {}, "three subjects or more"),
        (make_windows(subjects=3), 4, {}, "folds=4"),
        (make_windows(subjects=3), "loso", {}, "folds='loso'"),
        (make_windows(subjects=3), 3, {"test": True}, "Expected a split"),
    ],
)
def test_what_makes_no_folds_is_refused(windows, folds, settings, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        cross_validate(RECIPE, windows, tmp_path / "run", folds, **settings)
    assert not (tmp_path / "run").exists()
