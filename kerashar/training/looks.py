"""The one look at the test windows, and a record of every other."""

import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from kerashar.data.sample_set import SampleSet
from kerashar.files import append_line, write_json
from kerashar.training.evaluation import evaluate
from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashar.callbacks import RunLog

LOOKS = "test_looks.jsonl"


def look_at_test(
    folder: Path | str,
    model: keras.Model,
    samples: SampleSet,
    *,
    recipe: Recipe | None = None,
    logs: "Sequence[RunLog]" = (),
    **facts: Any,
) -> Metrics:
    """Measure a model on the test windows and put it on record.

    Use it once, at the end, when all choices are made. A choice between models by their test figures makes the best
    figure too good, so each look is kept in `test_looks.jsonl`, from which no line is ever taken out, and a second look
    at the same windows warns. `test.json` holds the first look's figures, and under `looks` how many there were.

    Args:
        folder: run folder of the model; made if it is missing.
        model: takes windows in their physical units, or pixels, and gives logits.
        samples: the test windows or images.
        recipe: of the run; the record names its version.
        logs: those of the run, which get the figures too.
        **facts: what else belongs beside the figures, such as `best_epoch=3`; plain data for JSON.

    Raises:
        ValueError: windows that don't fit the model.
        OSError: the folder can't be written.

    Example:
        >>> look_at_test("runs/first", result.model, split.test).accuracy  # doctest: +SKIP
    """
    metrics = evaluate(model, samples)
    record_look(folder, {"test": metrics}, samples, recipe=recipe, logs=logs, **{"model": model.name, **facts})
    return metrics


def record_look(
    folder: Path | str,
    figures: Mapping[str, Metrics],
    samples: SampleSet,
    *,
    recipe: Recipe | None = None,
    logs: "Sequence[RunLog]" = (),
    **facts: Any,
) -> None:
    """Put figures on the test windows on record, as `look_at_test` does.

    Use it where several models are measured in one look, or by other means than `evaluate`.

    Args:
        folder: as for `look_at_test`.
        figures: by name; those of the model that the run is about are named `"test"`.
        samples: as for `look_at_test`.
        recipe: as for `look_at_test`.
        logs: as for `look_at_test`; figures of other names than `"test"` come with the name ahead.
        **facts: as for `look_at_test`.
    """
    folder = Path(folder)
    fingerprint = samples.fingerprint()
    number = 1 + len(looks_at(folder, fingerprint))
    plain = {name: metrics.to_json() for name, metrics in figures.items()}
    look = {
        "look": number,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "recipe": recipe.version_name if recipe else None,
        "windows": fingerprint,
        **facts,
        **plain,
    }
    folder.mkdir(parents=True, exist_ok=True)
    append_line(folder / LOOKS, json.dumps(look, allow_nan=False))
    write_test_note(folder)
    named = {
        key if name == "test" else f"{name}_{key}": value for name, part in plain.items() for key, value in part.items()
    }
    for log in logs:
        log.log_test(named, number)
    if number > 1:
        warnings.warn(
            f"Look {number} at the same test windows, recorded in {folder / LOOKS}. Choose by validation subjects, and "
            "report the figures of the first look.",
            stacklevel=3,
        )


def looks_at(folder: Path | str, fingerprint: str) -> list[dict[str, Any]]:
    """The looks that a run folder has on record at the windows of this fingerprint, the first one first."""
    return [look for look in _read_looks(Path(folder)) if look["windows"] == fingerprint]


def look_once(
    folder: Path | str,
    model: keras.Model,
    samples: SampleSet,
    *,
    recipe: Recipe,
    logs: "Sequence[RunLog]" = (),
    **facts: Any,
) -> tuple[Metrics, bool]:
    """As `look_at_test`, but where a finished run is only read again: its first look's figures are taken instead.

    Args:
        folder: as for `look_at_test`.
        model: as for `look_at_test`.
        samples: as for `look_at_test`.
        recipe: as for `look_at_test`.
        logs: as for `look_at_test`.
        **facts: as for `look_at_test`; such as the validation figures, which tell that it is the same model.

    Returns:
        The figures, and whether they are those on record.
    """
    sought = {"recipe": recipe.version_name, **facts}
    for look in looks_at(folder, samples.fingerprint()):
        if look == {**look, **sought}:
            return Metrics(**look["test"]), True
    return look_at_test(folder, model, samples, recipe=recipe, logs=logs, **facts), False


def write_test_note(folder: Path | str) -> None:
    """Write `test.json` from the looks on record: the first one, and how many there were at its windows.

    A file of that name which isn't such a note is somebody's own and stays.
    """
    note = Path(folder) / "test.json"
    if note.exists() and not _is_note(note):
        return
    looks = _read_looks(Path(folder))
    first = looks[0]
    count = sum(look["windows"] == first["windows"] for look in looks)
    facts = {name: value for name, value in first.items() if name != "look"}
    write_json(note, {"looks": count, **facts})


def _is_note(path: Path) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(found, dict) and "looks" in found


def _read_looks(folder: Path) -> list[dict[str, Any]]:
    path = folder / LOOKS
    if not path.exists():
        return []
    looks = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            looks.append(json.loads(line))
        except ValueError:  # torn by a crash ahead of anybody seeing its figures
            continue
    return looks
