"""What a report says of data, leaks, looks at the test and surroundings."""

import json
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

import kerashar
from kerashar.data import data_set
from kerashar.data.images import ImageSet
from kerashar.data.sample_set import SampleSet
from kerashar.data.window_set import WindowSet
from kerashar.pages.surroundings import surroundings
from kerashar.report.finished_run import FinishedRun
from kerashar.training.looks import looks_at

Rows = list[tuple[str, str]]


def data_facts(run: FinishedRun) -> Rows:
    """What is known of the data, by name."""
    facts: dict[str, str] = {}
    samples = run.samples
    if isinstance(samples, WindowSet):
        length = samples.window_shape[0]
        if run.recipe.data is not None:
            known = data_set(str(run.recipe.data))
            facts |= {"Data": known.title, "Citation": known.citation, "Licence": known.licence}
            facts |= {"Placement": known.placement, "Labels left out": ", ".join(known.dropped_labels) or "none"}
        facts |= {
            "Windows": f"{length} samples = {length / samples.rate:g} s at {samples.rate:g} Hz",
            "Channels": ", ".join(
                f"{name} ({unit})" for name, unit in zip(samples.channels, samples.units, strict=True)
            ),
        }
    if isinstance(samples, ImageSet):
        height, width, channels = samples.image_shape
        facts |= {"Data": str(run.recipe.data or "given as arrays")}
        facts |= {"Images": f"{width} by {height} pixels, {'grey' if channels == 1 else 'RGB'}"}
        if samples.report is not None:
            facts["Decoded"] = str(samples.report)
    if not facts:
        facts["Data"] = "not named in the recipe"
    return list(facts.items())


def quarantined(run: FinishedRun) -> list[tuple[str, str]]:
    """Name of each image file that was left out, and the reason."""
    report = run.samples.report if isinstance(run.samples, ImageSet) else None
    return list(report.quarantined) if report else []


def sides(run: FinishedRun) -> dict[str, SampleSet]:
    """The sides of the data; of a cross-validation all that is held out once."""
    if run.split is not None:
        return {"train": run.split.train, "validation": run.split.validation, "test": run.split.test}
    return {} if run.samples is None else {"held out once each": run.samples}


def leaks(run: FinishedRun) -> list[tuple[bool, str]]:
    """What was looked for, in sentences, and for each whether all is well."""
    found = []
    if run.split is not None:
        people = {name: set(side.groups.tolist()) for name, side in sides(run).items()}
        if any(side.is_grouped for side in sides(run).values()):
            found.append(_disjoint(run.group, people, f"No {run.group} is on two sides"))
        found.append((run.split.leakage_note == run.split.clean, run.split.leakage_note))
        found.append((True, f"Training and validation {run.item}s have the fingerprints that the run put on record."))
    for number, fold in enumerate(run.people, start=1):
        people = {name: set(theirs) for name, theirs in fold.items()}
        if not (said := _disjoint(run.group, people, ""))[0]:
            found.append((False, f"Fold {number}: {said[1]}"))
    if run.people:
        held = [name for fold in run.people for name in fold["test"]]
        once = len(held) == len(set(held))
        found = found or [(True, f"In none of the {len(run.people)} folds is a {run.group} on two sides.")]
        found.append(
            (once, f"Each of the {len(held)} {run.group}s is held out once.")
            if once
            else (once, f"Some {run.group}s are held out more than once.")
        )
        found.append((True, f"The predictions are of the {run.item}s whose fingerprint the folds have on record."))
        found.append(
            (True, "Ahead of its training each fold was searched for recordings, overlaps and copies on two sides.")
        )
    if reason := run.recipe.split_settings.get("allow_leakage"):
        found.append((False, f"The recipe allows leakage, for this reason: {reason}"))
    return found


def _disjoint(group: str, people: dict[str, set[str]], clean: str) -> tuple[bool, str]:
    names = [name for theirs in people.values() for name in theirs]
    twice = sorted(name for name in set(names) if names.count(name) > 1)
    if twice:
        return False, f"A {group} is on two sides: {', '.join(twice[:3])}{' and others' if twice[3:] else ''}."
    return True, f"{clean}: {', '.join(f'{len(theirs)} {name}' for name, theirs in people.items())}."


def looks(run: FinishedRun) -> list[dict[str, Any]]:
    """The looks at the test windows that the folder has on record, the first one first."""
    if run.split is not None:
        return looks_at(run.folder, run.split.test.fingerprint())
    note = run.folder / "test.json"
    if not note.exists():
        return []
    try:
        return looks_at(run.folder, json.loads(note.read_text(encoding="utf-8"))["windows"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"Expected {note} to be as the run wrote it. Received: {error}.") from error


def recipe_rows(run: FinishedRun) -> Rows:
    """The settings that are not at their defaults, as text."""
    return [(name, _text(value)) for name, value in run.recipe.changed().items()]


def other_settings(runs: Iterable[FinishedRun]) -> list[tuple[str, list[str]]]:
    """Settings that differ between runs, and their values in each."""
    settings = [run.recipe.settings() for run in runs]
    return [
        (name, [_text(each[name]) for each in settings])
        for name in settings[0]
        if any(each[name] != settings[0][name] for each in settings)
    ]


def all_settings(run: FinishedRun) -> Rows:
    """All settings as text."""
    return [(name, _text(value)) for name, value in run.recipe.settings().items()]


def trained_with(run: FinishedRun) -> Rows:
    """Who trained the run, as its folder says."""
    names = {"kerashar": "kerashar", "keras": "Keras", "backend": "Backend", "devices": "Devices"}
    return [(title, str(run.versions[name])) for name, title in names.items() if run.versions.get(name) is not None]


def made_with() -> Rows:
    """What this report is made with."""
    backend = keras.backend.backend()
    return [
        ("kerashar", kerashar.__version__),
        ("Keras", keras.__version__),
        ("NumPy", np.__version__),
        *surroundings(backend),
    ]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_text(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "none" if value is None else str(value)
