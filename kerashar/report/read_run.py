"""Reading run folders; those that are unfinished or damaged are refused."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.sample_set import SampleSet
from kerashar.models import load_model
from kerashar.report.finished_run import FinishedRun, History
from kerashar.training.evaluation import predict_logits
from kerashar.training.fold import Fold
from kerashar.training.input_cards import check_fits
from kerashar.training.predictions import PREDICTIONS, Predictions
from kerashar.training.prepared_run import fingerprints
from kerashar.training.recipe import Recipe
from kerashar.training.recipe_data import recipe_samples, recipe_split

Side = Literal["validation", "test"]
HELD_OUT = "held-out"  # the side that a cross-validation is about


def read_run(
    folder: Path | str,
    side: Side = "validation",
    *,
    samples: SampleSet | DisjointSplit | None = None,
    archive: Path | str | None = None,
    cache: Path | str | None = None,
) -> FinishedRun:
    """Read the folder of a training, a fine-tuning, a search or a cross-validation; of a search its best trial.

    A look at the test is not recorded here. Arguments and errors are those of `write_report`.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"Expected a run folder. Received: {folder}, which there isn't.")
    if (folder / "pretraining.json").exists():
        raise ValueError(
            f"Expected a run with labels. Received: {folder}, a pretraining. Fine-tune it, and report that run."
        )
    source = {"archive": archive, "cache": cache}
    if (folder / "cross_validation.json").exists():
        return _cross_validation(folder, side, samples, source)
    if (folder / "search.json").exists():
        return _search(folder, side, samples, source)
    if not (folder / "recipe.json").exists():
        raise ValueError(
            "Expected the run folder of kerashar train, fine-tune, search or cross-validate. "
            f"Received: {folder}, which has no recipe.json."
        )
    return _training(folder, _recipe(folder), side, samples, source)


def _training(
    folder: Path, recipe: Recipe, side: Side, given: SampleSet | DisjointSplit | None, source: dict[str, Any]
) -> FinishedRun:
    file = folder / "model.keras"
    if not file.exists():
        raise ValueError(
            f"Expected a finished run. Received: {folder}, which has no model.keras. Give the command that began it "
            f"again, such as kerashar train --recipe {folder / 'recipe.json'} --run {folder}: it goes on."
        )
    if isinstance(given, SampleSet):
        raise ValueError(f"Expected the split of a training. Received: a {type(given).__name__}.")
    # A fine-tuning has what `train` writes in a folder for each stage.
    stages = sorted(folder.glob("stage_*"), key=lambda path: int(path.name.removeprefix("stage_")))
    parts = [folder] if (folder / "history.csv").exists() or not stages else stages
    histories = {"" if part == folder else part.name.replace("_", " "): _history(part) for part in parts}
    facts = _json(parts[0] / "run.json")
    split = recipe_split(recipe, **source) if given is None else given
    if changed := [name for name, value in fingerprints(split).items() if facts["data"].get(name) != value]:
        raise ValueError(
            f"Expected the {split.train.item}s that {folder} was trained on. Received: others in "
            f"{' and '.join(changed)}. Are the data or their archive other ones than then?"
        )
    chosen: SampleSet = getattr(split, side)
    model = load_model(file)
    check_fits(model, chosen)
    predictions = Predictions.of(predict_logits(model, chosen.samples), chosen)
    versions = {**_versions(folder), **{name: facts[name] for name in ("keras", "backend", "devices") if name in facts}}
    rows = np.arange(len(chosen))
    return FinishedRun(folder, side, recipe, versions, predictions, histories, [(file, rows)], chosen, split)


def _search(folder: Path, side: Side, given: SampleSet | DisjointSplit | None, source: dict[str, Any]) -> FinishedRun:
    note = folder / "test.json"
    if not note.exists():
        raise ValueError(
            f"Expected a finished search. Received: {folder}, which has no test.json. Finish it: kerashar search "
            f"--resume {folder}"
        )
    trial = folder / "trials" / str(_json(note).get("trial"))
    data = _json(folder / "search.json").get("data")
    recipe = _recipe(trial)
    if data is not None:
        recipe = replace(
            recipe, data=data["name"], split=data.get("split", "official"), split_settings={"seed": data["seed"]}
        )
        source = {**source, "archive": source["archive"] or data.get("archive")}
    best = _training(trial, recipe, side, given, source)
    return replace(best, folder=folder, models=[(folder / "best_model.keras", best.models[0][1])])


def _cross_validation(
    folder: Path, side: Side, given: SampleSet | DisjointSplit | None, source: dict[str, Any]
) -> FinishedRun:
    if side == "test":
        raise ValueError(
            f"Expected --side validation with a cross-validation, whose report is of those held out. Received: "
            f"--side test, {folder}. Figures of the test that are on record are in the report."
        )
    if not (folder / "folds.json").exists() or not (folder / PREDICTIONS).exists():
        raise ValueError(
            f"Expected a finished cross-validation. Received: {folder}, which has no {PREDICTIONS}. Give the command "
            f"that began it again, such as kerashar cross-validate --recipe {folder / 'recipe.json'} --run {folder}: "
            "it goes on."
        )
    if isinstance(given, DisjointSplit):
        raise ValueError(f"Expected all windows of a cross-validation. Received: a {type(given).__name__}.")
    recipe, claim = _recipe(folder), _json(folder / "cross_validation.json")
    try:
        folds = tuple(Fold.from_json(each) for each in _json(folder / "folds.json")["folds"])
    except (KeyError, TypeError) as error:
        raise _damaged(folder / "folds.json", error) from error
    said = Predictions.load(folder / PREDICTIONS)
    held = np.concatenate([fold.subjects for fold in folds])
    if said.data != claim.get("data") or not np.isin(said.subjects, held).all() or len(claim["folds"]) != len(folds):
        raise ValueError(f"Expected folds and predictions of one cross-validation in {folder}. Received: of several.")
    samples = given
    if samples is None and recipe.data is not None:
        samples = recipe_samples(recipe, **source)
    models = [
        (folder / f"fold_{fold.number}" / "model.keras", np.flatnonzero(np.isin(said.subjects, fold.subjects)))
        for fold in folds
    ]
    return FinishedRun(
        folder=folder,
        side=HELD_OUT,
        recipe=recipe,
        versions={**_versions(folder), "backend": claim.get("backend")},
        predictions=said,
        histories={f"fold {fold.number}": fold.history for fold in folds},
        models=models,
        samples=None if samples is None else _aligned(samples, said, folder),
        folds=folds,
        people=tuple(claim["folds"]),
    )


def _aligned(samples: SampleSet, said: Predictions, folder: Path) -> SampleSet:
    """The samples that the predictions are of, in their order."""
    names, starts = samples.origins
    rows = {origin: row for row, origin in enumerate(zip(names.tolist(), starts.tolist(), strict=True))}
    found = [rows.get(origin, -1) for origin in zip(said.recordings.tolist(), said.starts.tolist(), strict=True)]
    if -1 in found or (aligned := samples.select(np.array(found))).fingerprint() != said.data:
        raise ValueError(
            f"Expected the {said.item}s that {folder} predicts. Received: others. Are the data or their archive other "
            "ones than then?"
        )
    return aligned


# === Files ===


def _recipe(folder: Path) -> Recipe:
    return Recipe.from_json(_json(folder / "recipe.json"))


def _versions(folder: Path) -> dict[str, Any]:
    written = _json(folder / "recipe.json")
    return {name: written[name] for name in ("kerashar",) if name in written}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, FileNotFoundError) as error:
        raise _damaged(path, error) from error
    if not isinstance(found, dict):
        raise _damaged(path, TypeError(f"a {type(found).__name__}"))
    return found


def _history(folder: Path) -> History:
    path = folder / "history.csv"
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    except (ValueError, TypeError, AttributeError, FileNotFoundError) as error:
        raise _damaged(path, error) from error
    if not rows or "val_loss" not in rows[0]:
        raise _damaged(path, ValueError("no epochs"))
    return rows


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(f"Expected {path} to be as the run wrote it. Received: {error}. Repeat the run in a new folder.")
