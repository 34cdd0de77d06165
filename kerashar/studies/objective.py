"""What a study trains: one contender with one seed, in a process of its own."""

import json
from pathlib import Path
from typing import Any

from filelock import FileLock

from kerashar.choose_backend import choose_backend
from kerashar.files import write_json
from kerashar.search.worker import Reports
from kerashar.studies.contender import Contender
from kerashar.studies.head_run import HeadRun, compare_heads

FIGURES = "figures.json"


def warm(backend: str) -> None:
    """Import what training needs."""
    choose_backend(backend)
    import kerashar.training.run  # noqa: F401


def run(job: dict[str, Any], reports: Reports) -> None:
    """Train the contender, or go on with it, and note its figures; a finished one is only read.

    Args:
        job: the trial; its `arguments` hold the `runs` by name, the `folder` of all runs, the data's `archive` and
            `cache`, and whether to look at the `test`.
        reports: takes its epochs.
    """
    told = job["arguments"]
    asked = told["runs"][job["settings"]["study.run"]]
    said, seed = asked["contender"], asked["seed"]
    contender = HeadRun.from_json(said) if "width" in said else Contender.from_json(said)
    source = {"archive": told["archive"], "cache": told["cache"]}
    folder = _trained(contender, seed, Path(told["folder"]), source, reports)
    if told["test"] and isinstance(contender, Contender):
        _look(contender, seed, folder, source)


def run_folder(folder: Path, contender: Contender | HeadRun, seed: int) -> Path:
    """Where a contender's run with a seed is, below the folder of all runs."""
    return folder / f"{contender.label}-seed{seed}"


def _trained(
    contender: Contender | HeadRun, seed: int, runs: Path, source: dict[str, Any], reports: Reports | None
) -> Path:
    """The folder of the finished run. Runs that contenders share are trained once."""
    folder = run_folder(runs, contender, seed)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not (folder / FIGURES).exists():
            if isinstance(contender, HeadRun):
                compare_heads(contender, seed, source, folder, FIGURES)
            elif contender.members > 1:
                _join(contender, seed, runs, source, folder)
            else:
                _train(contender, seed, runs, source, folder, reports)
        if reports is not None and isinstance(contender, Contender):
            _tell(folder, reports, contender.seeded(seed).epochs)
    return folder


def _train(
    contender: Contender, seed: int, runs: Path, source: dict[str, Any], folder: Path, reports: Reports | None
) -> None:
    from kerashar.models import load_model
    from kerashar.training import distill, train

    recipe, on_epoch = contender.seeded(seed), None if reports is None else reports.epoch
    sides = _sides(recipe, source)
    if contender.teacher is None:
        result = train(recipe, sides, folder, on_epoch)
    else:
        teacher = _trained(contender.teacher, seed, runs, source, None)
        result = distill(load_model(teacher / "model.keras"), recipe, sides, folder, on_epoch)
    seconds = sum(epoch["seconds"] for epoch in result.history)
    _note(folder, result.validation, seconds, len(result.history))


def _join(contender: Contender, seed: int, runs: Path, source: dict[str, Any], folder: Path) -> None:
    from kerashar.models import Ensemble, load_model, save_model
    from kerashar.training import evaluate

    members = []
    for number in range(contender.members):
        other, own_seed = contender.member(seed, number)
        members.append(_trained(other, own_seed, runs, source, None))
    model = Ensemble([load_model(each / "model.keras") for each in members])
    save_model(model, folder / "model.keras")
    notes = [json.loads((each / FIGURES).read_text(encoding="utf-8")) for each in members]
    sides = _sides(contender.seeded(seed), source)
    seconds, epochs = (sum(note[name] for note in notes) for name in ("seconds", "epochs"))
    _note(folder, evaluate(model, sides.validation), seconds, epochs)


def _note(folder: Path, validation: Any, seconds: float, epochs: int) -> None:
    figures = {name: getattr(validation, name) for name in ("accuracy", "macro_f1", "loss")}
    write_json(folder / FIGURES, {**figures, "seconds": seconds, "epochs": epochs})


def _tell(folder: Path, reports: Reports, epochs: int) -> None:
    """Report the finished run, which is news only where this trial didn't train it.

    An ensemble has trained for more epochs than one trial has.
    """
    note = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    figures = {"val_loss": note["loss"], "val_accuracy": note["accuracy"], "val_macro_f1": note["macro_f1"]}
    reports.epoch(min(note["epochs"], epochs), {**figures, "seconds": note["seconds"]})


def _sides(recipe: Any, source: dict[str, Any]) -> Any:
    """The recipe's windows or images without the test side."""
    from kerashar.training import recipe_split
    from kerashar.training.sides import Sides

    split = recipe_split(recipe, **source)
    return Sides(split.train, split.validation)


def _look(contender: Contender, seed: int, folder: Path, source: dict[str, Any]) -> None:
    from kerashar.models import load_model
    from kerashar.training import recipe_split
    from kerashar.training.looks import look_once

    recipe = contender.seeded(seed)
    split = recipe_split(recipe, **source)
    look_once(folder, load_model(folder / "model.keras"), split.test, recipe=recipe, leakage=split.leakage_note)
