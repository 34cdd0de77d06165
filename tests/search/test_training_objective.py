"""What a trial trains, without Ray."""

import json
from pathlib import Path
from typing import Any

import pytest

from kerashar.data import SubjectSplit
from kerashar.search import training_objective
from kerashar.search.shared_windows import store_once
from kerashar.training.sides import Sides

pytestmark = pytest.mark.once

SETTINGS = {
    "model.hidden": 4,
    "model.blocks": 1,
    "training.epochs": 3,
    "training.batch_size": 16,
    "training.learning_rate": 0.01,
    "backend": "torch",
}


class _CutOffError(Exception):
    """The trial is cut off here."""


class _Reports:
    def __init__(self, last: int) -> None:
        self.last = last
        self.told: list[tuple[int, float]] = []
        self.measures: dict[str, float] = {}

    def measured(self, **measures: float) -> None:
        self.measures = measures

    def epoch(self, epoch: int, figures: dict[str, Any]) -> None:
        self.told.append((epoch, figures["val_loss"]))
        if epoch == self.last:
            raise _CutOffError


def _job(folder: Path, split: SubjectSplit, **changes: Any) -> dict[str, Any]:
    windows = store_once(Sides(split.train, split.validation), folder / "windows")
    return {
        "trial": "0001",
        "settings": SETTINGS,
        "generation": 0,
        "clone": None,
        "reached": 0,
        "folder": str(folder),
        "windows": str(windows),
        "arguments": {"model": "modern_tcn", "objectives": ["score"]},
        **changes,
    }


def _run(job: dict[str, Any], last: int = 99) -> list[tuple[int, float]]:
    reports: Any = _Reports(last)
    if last == 99:
        training_objective.run(job, reports)
    else:
        with pytest.raises(_CutOffError):
            training_objective.run(job, reports)
    return reports.told


def test_a_trial_made_smaller_goes_on_from_its_checkpoint(split: SubjectSplit, tmp_path: Path):
    before = _run(_job(tmp_path, split), last=2)
    smaller = {**SETTINGS, "training.batch_size": 8, "training.accumulate": 2}
    for _ in range(2):  # cut off once more, ahead of a checkpoint of its own
        assert _run(_job(tmp_path, split, settings=smaller), last=2) == before
    after = _run(_job(tmp_path, split, settings=smaller))
    assert after[:2] == before
    assert [epoch for epoch, _ in after] == [1, 2, 3]
    recipe = json.loads((tmp_path / "trials" / "0001" / "recipe.json").read_text())
    assert recipe["batch_size"] == 8
    assert _run(_job(tmp_path, split, settings=smaller)) == after


def test_a_trial_that_takes_over_another_has_its_past_and_its_own_settings(split: SubjectSplit, tmp_path: Path):
    donor = _run(_job(tmp_path, split, trial="0002"), last=2)
    own = _run(_job(tmp_path, split, settings={**SETTINGS, "training.seed": 5}), last=2)
    assert own != donor
    trials = tmp_path / "trials"
    (trials / "0001" / "clone-1.npz").write_bytes((trials / "0002" / "checkpoint.npz").read_bytes())
    changed = {**SETTINGS, "training.learning_rate": 0.02}
    job = _job(tmp_path, split, settings=changed, generation=1, clone="clone-1.npz")
    after = _run(job)
    assert after[:2] == donor
    assert _run(job) == after
    assert after[2] != _run(_job(tmp_path, split, trial="0002"))[2]  # the donor's own third epoch


def test_measures_are_told_where_they_are_objectives(split: SubjectSplit, tmp_path: Path):
    reports: Any = _Reports(99)
    arguments = {"model": "modern_tcn", "objectives": ["score", "parameters", "latency_ms"]}
    training_objective.run(_job(tmp_path, split, arguments=arguments), reports)
    assert reports.measures["parameters"] > 0
    assert reports.measures["latency_ms"] > 0
