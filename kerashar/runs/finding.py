"""Finding run folders and reading what they say."""

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from kerashar.locks import is_held
from kerashar.runs.being_written import is_lock
from kerashar.runs.run import Curve, Kind, Run, State
from kerashar.runs.run_files import (
    DamagedFileError,
    check_model,
    checkpoint_state,
    read_history,
    read_json,
    tree,
)
from kerashar.search.history import Trials
from kerashar.search.journal import Journal, trial_folder
from kerashar.search.leaderboard import leaderboard
from kerashar.training.metrics import rank_epoch

_MARKS: dict[Kind, tuple[str, ...]] = {  # one of these files makes a folder one of these runs
    "study": ("study.json",),
    "search": ("search.json",),
    "cross-validation": ("cross_validation.json", "folds.json"),
    "pretraining": ("pretraining.json",),
}
_TRAINED = {"run.json", "checkpoint.npz"}  # beside a recipe; others copy recipe and model elsewhere
_LABELS = ("format", "kerashar", "version_name")  # of a recipe's file; all else in it are settings


def find_runs(folder: Path | str = "runs") -> list[Run]:
    """All runs below a folder, or the one that it is; trials, folds and stages belong to their runs.

    Use it to look through many runs: neither Keras nor any model is loaded. Links are not followed.

    Args:
        folder: where to look.

    Raises:
        FileNotFoundError: there is no such folder.

    Example:
        >>> sorted(find_runs("runs"), key=lambda run: run.score or 0)[-1].name  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"Expected a folder with runs. Received: {folder}, which there isn't.")
    found = []
    for place, folders, files in os.walk(folder):
        kind = _kind(Path(place), folders, files)
        if kind is None:
            folders.sort()
            continue
        folders.clear()  # what is in a run is part of it
        path = Path(place)
        name = folder.resolve().name if path == folder else path.relative_to(folder).as_posix()
        found.append(_read(path, kind, name))
    return found


def read_run(folder: Path | str) -> Run:
    """What a run's own folder says.

    Raises:
        ValueError: it is no run's.
    """
    folder = Path(folder)
    kind = kind_of(folder)
    if kind is None:
        raise ValueError(f"Expected the folder of a run. Received: {folder}, which is none.")
    return _read(folder, kind, str(folder))


def kind_of(folder: Path) -> Kind | None:
    """What kind of run a folder holds; None where it holds none."""
    for place, folders, files in os.walk(folder):
        return _kind(Path(place), folders, files)
    return None


def stages(folder: Path) -> list[Path]:
    """The folders of a fine-tuning's stages, in their order."""
    return _numbered(folder, "stage")


def folds(folder: Path) -> list[Path]:
    """The folders of a cross-validation's folds, in their order."""
    return _numbered(folder, "fold")


def _numbered(folder: Path, name: str) -> list[Path]:
    found = [path for path in folder.glob(f"{name}_*") if re.fullmatch(rf"{name}_\d+", path.name)]
    found = [path for path in found if path.is_dir() and not path.is_symlink()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(f"{name}_")))


def _kind(folder: Path, folders: Collection[str], files: Collection[str]) -> Kind | None:
    for kind, marks in _MARKS.items():
        if any(mark in files for mark in marks):
            return kind
    if "journal.jsonl" in files and "trials" in folders:
        return "search"  # that lost its settings
    if "stage_1" in folders and _is_stage(folder / "stage_1"):
        return "fine-tuning"
    return "training" if "recipe.json" in files and not _TRAINED.isdisjoint(files) else None


def _is_stage(folder: Path) -> bool:
    """Whether it is a fine-tuning's, not a training that somebody gave such a name."""
    try:
        return not folder.is_symlink() and read_json(folder / "recipe.json").get("start") is not None
    except DamagedFileError:
        return (folder / "recipe.json").exists()


def _read(folder: Path, kind: Kind, name: str) -> Run:
    files = list(tree(folder))
    about: dict[str, Any] = {
        "folder": folder,
        "name": name,
        "kind": kind,
        "size": sum(facts.st_size for _, facts in files),
        "written": max((facts.st_mtime for path, facts in files if not is_lock(path)), default=0.0),
    }
    try:
        run = Run(**about, **_READERS[kind](folder), **_test(folder))
        _check_types(run)
        return run
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        return Run(**about, state="damaged", damage=f"its files lack what a {kind} writes: {error!r}")
    except (ValueError, OSError) as error:
        return Run(**about, state="damaged", damage=str(error))


def _check_types(run: Run) -> None:
    """Refuse figures that are none and names that are no text, which JSON of somebody else's may hold."""
    figures = (run.score, run.test.get("accuracy"), run.test.get("macro_f1"))
    for values, kinds in (
        ((run.model, run.data, run.backend), str),
        ((run.done, run.planned, run.looks), int),
        ([figure for figure in figures if figure is not None], int | float),
    ):
        if wrong := [value for value in values if not isinstance(value, kinds)]:
            raise TypeError(f"a {type(wrong[0]).__name__}")


# === Kinds ===


def _training(folder: Path) -> dict[str, Any]:
    recipe = _recipe(folder)
    facts = read_json(folder / "run.json")
    curve, finished = _curve(folder)
    return {
        **_of_recipe(recipe),
        "state": "finished" if finished else "unfinished",
        "backend": facts["backend"],
        "windows": facts["data"],
        "done": len(curve),
        "planned": recipe["epochs"],
        "score": _score(curve),
        "curves": {"": curve} if curve else {},
    }


def _fine_tuning(folder: Path) -> dict[str, Any]:
    parts = [_training(stage) for stage in stages(folder)]
    finished = (folder / "model.keras").exists()
    if finished:
        check_model(folder / "model.keras")
    # The recipe of all stages is written when they are over.
    recipe = _recipe(folder) if finished else parts[-1]["recipe"]
    return {
        **parts[-1],
        **_of_recipe(recipe),
        "state": "finished" if finished else "unfinished",
        "done": sum(part["done"] for part in parts),
        "planned": sum(part["planned"] for part in parts),
        "curves": {f"stage {number}": part["curves"][""] for number, part in enumerate(parts, 1) if part["curves"]},
    }


def _pretraining(folder: Path) -> dict[str, Any]:
    recipe, how = _recipe(folder), read_json(folder / "pretraining.json")
    curve, finished = _curve(folder)
    return {
        **_of_recipe({**recipe, "task": how["task"], "task_settings": how["task_settings"]}),
        "state": "finished" if finished else "unfinished",
        "backend": how["backend"],
        "done": len(curve),
        "planned": recipe["epochs"],
        "curves": {"": curve} if curve else {},
    }


def _cross_validation(folder: Path) -> dict[str, Any]:
    claim = read_json(folder / "cross_validation.json")
    finished = (folder / "folds.json").exists() and (folder / "predictions.npz").exists()
    done = {fold.name: read_json(fold / "fold.json") for fold in folds(folder) if (fold / "fold.json").exists()}
    summary = read_json(folder / "folds.json")["summary"] if finished else {}
    return {
        **_of_recipe(_recipe(folder)),
        "state": "finished" if finished else "unfinished",
        "backend": claim["backend"],
        "windows": {"all": claim["data"]},
        "done": len(done),
        "planned": len(claim["folds"]),
        "score": summary["macro_f1"]["pooled"] if finished else None,
        "curves": {name.replace("_", " "): fold["history"] for name, fold in done.items()},
    }


def _search(folder: Path) -> dict[str, Any]:
    settings = read_json(folder / "search.json")
    tested = (folder / "test.json").exists()
    if tested:
        check_model(folder / "best_model.keras")
        if not (folder / "journal.jsonl").exists():
            raise DamagedFileError("journal.jsonl is missing")
    trials = Trials.of(Journal(folder / "journal.jsonl").read())
    ended = len(trials.ended)
    # One that isn't to be tested ends with its picture.
    finished = tested or (ended >= settings["trials"] and (folder / "search.png").exists())
    best = next(iter(leaderboard(trials.values())), None)
    own = trial_folder(folder, best.trial) if best else None
    recipe = _recipe(own) if own and (own / "recipe.json").exists() else {}
    models, data = settings["model"], (settings["data"] or {}).get("name")
    return {
        "state": _state(folder, finished),
        "model": models if isinstance(models, str) else ", ".join(models),
        "data": _data_name(data),
        "backend": ", ".join(settings["backends"]),
        "choices": settings,
        "done": ended,
        "planned": settings["trials"],
        "score": best.score if best else None,
        "curves": {"": best.reports} if best else {},
        "best_trial": best.trial if best else None,
        "recipe": {**recipe, "data": data} if recipe else {},
        "windows": read_json(own / "run.json")["data"] if own and (own / "run.json").exists() else {},
    }


def _study(folder: Path) -> dict[str, Any]:
    """What is in it only a study knows."""
    read_json(folder / "study.json")
    return {"state": _state(folder, (folder / "results.csv").exists())}


_READERS = {
    "training": _training,
    "fine-tuning": _fine_tuning,
    "pretraining": _pretraining,
    "cross-validation": _cross_validation,
    "search": _search,
    "study": _study,
}


# === Parts ===


def _state(folder: Path, finished: bool) -> State:
    """Of a run that holds a lock while it runs."""
    if finished:
        return "finished"
    return "running" if is_held(folder / "lock") else "unfinished"


def _recipe(folder: Path) -> dict[str, Any]:
    return {name: value for name, value in read_json(folder / "recipe.json").items() if name not in _LABELS}


def _of_recipe(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {"recipe": recipe, "model": recipe["model"], "data": _data_name(recipe.get("data"))}


def _data_name(data: str | None) -> str:
    return Path(data).name if data else ""  # of images it is a path


def _curve(folder: Path) -> tuple[Curve, bool]:
    """The epochs of a training so far, and whether it has come to its end."""
    if (folder / "model.keras").exists():
        check_model(folder / "model.keras")
        return read_history(folder / "history.csv"), True
    if (folder / "checkpoint.npz").exists():
        return checkpoint_state(folder / "checkpoint.npz")["history"], False
    return [], False


def _score(curve: Curve) -> float | None:
    return max(curve, key=rank_epoch).get("val_macro_f1") if curve else None


def _test(folder: Path) -> dict[str, Any]:
    """The figures on the test that are on record; a file of that name that is no such record is somebody's own."""
    note = read_json(folder / "test.json") if (folder / "test.json").exists() else {}
    return {"test": note["test"], "looks": note["looks"]} if {"test", "looks"} <= set(note) else {}
