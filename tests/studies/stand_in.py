"""A study that trains nothing: scores that follow from the settings, and a line for each epoch that was worked for."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from kerashar.files import append_line, write_json
from kerashar.search.domains import Choice
from kerashar.search.engine import Resources
from kerashar.search.worker import Reports
from kerashar.studies import Comparison, Distilling, Joining, SmallSearch, Study, StudyResult, objective
from kerashar.studies.contender import Contender

EPOCHS = 3
EPOCH_SECONDS = 0.05
MODEL = "KERASHAR_STAND_IN_MODEL"  # a small model's file, which stands for all
STUDY = Study(
    name="stand-in",
    data="watch",
    seeds=(1, 2),
    start={"model": "modern_tcn", "model_settings": {"hidden": 8, "blocks": 1}, "split": "drawn", "epochs": EPOCHS},
    stages=(
        Comparison("width", {f"{hidden}": {"model_settings": {"hidden": hidden}} for hidden in (16, 32, 4)}),
        Comparison("rate", {"lower": {"learning_rate": 1e-3}}),
        SmallSearch("dropout", {"model": {"dropout": Choice((0.1, 0.3, 0.5))}}, trials=3, searcher="grid"),
        Joining(members=2),
        Distilling(members=2),
    ),
)


def score(recipe: dict[str, Any], seed: int) -> float:
    """What a recipe reaches: wider is better, and dropout; seeds differ."""
    settings = recipe["model_settings"]
    bonus = settings["hidden"] / 100 + settings.get("dropout", 0.1) / 10 + recipe.get("learning_rate", 2e-3)
    return 0.3 + bonus + 0.001 * (seed % 7)


def warm(backend: str) -> None:
    """Nothing to import."""


def run(job: dict[str, Any], reports: Reports) -> None:
    """A run of a study, or a trial of a search in it."""
    if "study.run" in job["settings"]:
        objective.run(job, reports)
        return
    folder = Path(job["folder"]) / "trials" / job["trial"]
    recipe = {"model_settings": {"hidden": 8, "dropout": job["settings"]["model.dropout"]}}
    _work(folder, EPOCHS, lambda epoch: reports.epoch(epoch, _figures(score(recipe, 0))))


def _train(
    contender: Contender, seed: int, runs: Path, source: dict[str, Any], folder: Path, reports: Reports | None
) -> None:
    if contender.teacher is not None:
        objective._trained(contender.teacher, seed, runs, source, None)
    figure = score(contender.recipe, seed)
    tell = (lambda epoch: None) if reports is None else (lambda epoch: reports.epoch(epoch, _figures(figure)))
    _work(folder, EPOCHS, tell)
    _finish(folder, figure)


def _join(contender: Contender, seed: int, runs: Path, source: dict[str, Any], folder: Path) -> None:
    for number in range(contender.members):
        other, own_seed = contender.member(seed, number)
        objective._trained(other, own_seed, runs, source, None)
    _finish(folder, score(contender.recipe, seed) + 0.01)


def _look(contender: Contender, seed: int, folder: Path, source: dict[str, Any]) -> None:
    figure = score(contender.recipe, seed)
    write_json(folder / "test.json", {"test": {"accuracy": figure, "macro_f1": figure}, "looks": 1})


objective._train, objective._join, objective._look = _train, _join, _look


def _work(folder: Path, epochs: int, tell: Any) -> None:
    """Epochs, of which none is worked for twice: the file is the checkpoint too."""
    folder.mkdir(parents=True, exist_ok=True)
    worked = folder / "worked.txt"
    done = len(worked.read_text().split()) if worked.exists() else 0
    for epoch in range(1, epochs + 1):
        if epoch > done:
            time.sleep(EPOCH_SECONDS)
            append_line(worked, str(epoch))
        tell(epoch)


def _finish(folder: Path, figure: float) -> None:
    shutil.copyfile(os.environ[MODEL], folder / "model.keras")
    objective._note(folder, _Metrics(figure), 1.0, EPOCHS)


class _Metrics:
    def __init__(self, figure: float) -> None:
        self.accuracy = self.macro_f1 = figure
        self.loss = 1 - figure


def _figures(figure: float) -> dict[str, float]:
    return {"val_macro_f1": figure, "val_loss": 1 - figure, "val_accuracy": figure, "seconds": 0.1, "loss": 1.0}


def run_stand_in(folder: Path) -> StudyResult:
    """Run, or go on with, the study."""
    from kerashar.search import run as search_run
    from kerashar.studies import bench, run_study

    bench.OBJECTIVE = search_run.OBJECTIVE = "tests.studies.stand_in"
    return run_study(STUDY, folder, resources=Resources(concurrent=1))


if __name__ == "__main__":
    run_stand_in(Path(sys.argv[1]))
