"""Making the page of one run, or of two side by side."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.sample_set import SampleSet
from kerashar.names import in_counting_order
from kerashar.pages import write_page
from kerashar.pages.filling import percent
from kerashar.report import pictures, statements
from kerashar.report.confusion_pattern import confusion_patterns
from kerashar.report.figures import intervals
from kerashar.report.finished_run import FinishedRun
from kerashar.report.placements import without_each_placement
from kerashar.report.read_run import Side, read_run
from kerashar.report.wrong_answers import surest_wrong_answers
from kerashar.training.looks import record_look
from kerashar.training.paired_comparison import PairedComparison, compare_runs

TABLE_CLASSES = 25  # of a confusion matrix that can be read as a table
_FIGURES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "loss": "Loss",
    "calibration_error": "Calibration error",
}


def write_report(
    folder: Path | str,
    path: Path | str,
    other: Path | str | None = None,
    side: Side = "validation",
    *,
    samples: SampleSet | DisjointSplit | None = None,
    archive: Path | str | None = None,
    cache: Path | str | None = None,
) -> None:
    """Write what a run is worth and where it errs into one HTML file, which needs no other file and no network.

    Use it to look at a run with others: figures with intervals, confusions, classes, subjects, calibration, the surest
    wrong answers with what the model saw in them, curves, data, leaks, looks at the test, recipe and surroundings.

    Args:
        folder: run folder of a training, a fine-tuning, a search (of its best trial) or a cross-validation (of all
            held-out windows).
        path: the file to write.
        other: a second run on the same windows: both stand side by side, with their differences and a paired test.
        side: `"validation"`, or `"test"`: then all is measured on the test windows, and the look is put on record as
            `kerashar evaluate` does. Figures of the test that are on record are shown either way. Defaults to
            `"validation"`.
        samples: what the run was made of, where its recipe doesn't name the data: of a training the split, of a
            cross-validation all windows or images.
        archive: the publisher's file of the data, as for `recipe_split`.
        cache: folder for what is built from it, as for `recipe_split`.

    Raises:
        FileNotFoundError: there is no such folder, or the data are missing.
        ValueError: a run that is unfinished or damaged, data that are not the run's, two runs that don't fit each
            other, or `"test"` with a cross-validation.
        OSError: the file can't be written.

    Example:
        >>> write_report("runs/first", "report.html")  # doctest: +SKIP
        >>> write_report("runs/plain", "report.html", other="runs/augmented")  # doctest: +SKIP
    """
    source = {"samples": samples, "archive": archive, "cache": cache}
    runs = [read_run(each, side, **source) for each in (folder, other) if each is not None]
    comparison = _compared(runs) if len(runs) > 1 else None
    notes = []
    for run in runs:
        if run.side != "test" or run.samples is None:
            continue
        try:
            record_look(run.folder, {"test": run.metrics}, run.samples, model=run.models[0][0].name)
        except OSError as error:  # such as a run that belongs to somebody else
            notes.append(f"This look at the test is not on record: {error}.")
            warnings.warn(notes[-1], stacklevel=2)
    content = {**_content(runs), **_comparison(comparison), "notes": notes}
    write_page(path, "kerashar.report", "report.html", content, figure=_figure)


# === Two runs ===


@dataclass(frozen=True)
class _Paired:
    """Accuracy and macro F1 of two runs paired by subject; why not, where they can't be."""

    comparisons: Sequence[PairedComparison]
    reason: str = ""


def _compared(runs: Sequence[FinishedRun]) -> _Paired:
    first, second = runs
    if first.side != second.side:
        raise ValueError(
            f"Expected two runs of one kind. Received: {first.folder} with {first.side} {first.item}s, {second.folder} "
            f"with {second.side} ones."
        )
    if first.predictions.data != second.predictions.data or first.class_names != second.class_names:
        raise ValueError(
            f"Expected two runs on the same {first.item}s. Received: others in {second.folder} than in {first.folder}. "
            "Train both on the same data and split."
        )
    if not first.predictions.is_grouped or len(first.metrics.per_subject) < 2:
        few = f"all {first.item}s are of one {first.group}" if first.predictions.is_grouped else "each stands alone"
        return _Paired((), f"No paired test: {few}.")
    return _Paired([compare_runs(first.predictions, second.predictions, name) for name in ("accuracy", "macro_f1")])


def _comparison(paired: _Paired | None) -> dict[str, Any]:
    if paired is None:
        return {"paired": None}
    rows = [
        {
            "name": _FIGURES[each.figure],
            "difference": each.difference,
            "interval": each.interval,
            "p_value": each.p_value,
            "wilcoxon": each.wilcoxon_p_value,
        }
        for each in paired.comparisons
    ]
    smallest = paired.comparisons[0].smallest_p_value if rows else 0.0
    few = f"So few can't show a difference: p is at least {smallest:.3g} whatever the runs." if smallest > 0.05 else ""
    return {"paired": {"rows": rows, "note": paired.reason or few}}


# === Content ===


def _content(runs: Sequence[FinishedRun]) -> dict[str, Any]:
    first, *others = runs
    names = [run.name for run in runs]
    if len(set(names)) < len(names):
        names = [str(run.folder) for run in runs]
    return {
        "names": names,
        "side": first.side,
        "item": first.item,
        "count": first.metrics.count,
        "group": first.group,
        "runs": [_run(run, name, number) for number, (run, name) in enumerate(zip(runs, names, strict=True), start=1)],
        "figures": _headline(runs),
        "classes": _rows(runs, first.class_names, _class_figures),
        "people": _rows(runs, in_counting_order(first.metrics.per_subject), _subject_figures),
        "settings": statements.other_settings(runs) if others else [],
        "made_with": statements.made_with(),
        "data": _data(first),
    }


def _run(run: FinishedRun, name: str, number: int) -> dict[str, Any]:
    metrics, slug = run.metrics, f"run {number}"
    patterns = confusion_patterns(metrics, run.class_names)
    many = len(run.class_names) > TABLE_CLASSES
    return {
        "name": name,
        "version": run.recipe.version_name,
        "summary": _summary(run, [str(pattern) for pattern in patterns[:1]]),
        "patterns": patterns,
        "confusion": [] if many else _confusion(run),
        "confusion_picture": pictures.confusion_picture(run, f"{slug} confusion") if many else "",
        "classes": run.class_names,
        "placements": without_each_placement(run),
        "confidence": pictures.confidence_picture(run, f"{slug} confidence"),
        "brier": metrics.brier,
        "calibration_error": metrics.calibration_error,
        "calibration_error_equal_mass": metrics.calibration_error_equal_mass,
        "wrong": _wrong(run, slug),
        "curves": pictures.curves_picture(run, f"{slug} curves"),
        "folds": [{"fold": fold, "held": _held(run, fold.subjects)} for fold in run.folds],
        "leaks": statements.leaks(run),
        "looks": statements.looks(run),
        "recipe": statements.recipe_rows(run),
        "settings": statements.all_settings(run),
        "trained_with": statements.trained_with(run),
    }


def _summary(run: FinishedRun, most: list[str]) -> str:
    metrics = run.metrics
    people = f" of {len(metrics.per_subject)} {run.group}s" if metrics.per_subject else ""
    said = f"{percent(metrics.accuracy)} of {metrics.count:,} {run.side} {run.item}s{people} are classified right."
    return f"{said} The most frequent confusion is {most[0]}." if most else f"{said} No confusion at all."


def _headline(runs: Sequence[FinishedRun]) -> list[dict[str, Any]]:
    """The figures that the page begins with, for each run, with the interval where there is one."""
    bounds = [intervals(run.predictions) for run in runs]
    return [
        {
            "name": name,
            "title": title,
            "values": [getattr(run.metrics, name) for run in runs],
            "intervals": [each.get(name) for each in bounds],
        }
        for name, title in _FIGURES.items()
    ]


def _confusion(run: FinishedRun) -> list[dict[str, Any]]:
    return [
        {"name": name, "counts": row, "shares": [count / max(1, sum(row)) for count in row]}
        for name, row in zip(run.class_names, run.metrics.confusion, strict=True)
    ]


def _class_figures(run: FinishedRun, name: str) -> dict[str, Any]:
    metrics = run.metrics
    count = sum(metrics.confusion[run.class_names.index(name)])
    of = {"precision": metrics.precision, "recall": metrics.recall, "f1": metrics.per_class}
    return {"count": count, **{figure: values.get(name) for figure, values in of.items()}}


def _subject_figures(run: FinishedRun, name: str) -> dict[str, Any]:
    return run.metrics.per_subject[name]


def _rows(
    runs: Sequence[FinishedRun], names: Sequence[str], figures: Callable[[FinishedRun, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row for each name, with the figures of each run and how the last of them differs in the second."""
    rows = []
    for name in names:
        each = [figures(run, name) for run in runs]
        last = [list(row.values())[-1] for row in each]
        known = len(last) > 1 and None not in last
        rows.append({"name": name, "runs": each, "difference": last[1] - last[0] if known else None})
    return rows


def _wrong(run: FinishedRun, slug: str) -> dict[str, Any]:
    found = surest_wrong_answers(run, slug)
    answers = [{"said": answer, "svg": Markup(answer.svg)} for answer in found.answers]
    return {"answers": answers, "note": found.note}


def _data(run: FinishedRun) -> dict[str, Any]:
    sides = statements.sides(run)
    counts = {name: side.class_counts() for name, side in sides.items()}
    grouped = any(side.is_grouped for side in sides.values())
    return {
        "facts": statements.data_facts(run),
        "sides": list(sides),
        "people": [len(set(side.groups.tolist())) for side in sides.values()] if grouped else [],
        "totals": [len(side) for side in sides.values()],
        "rows": [{"name": name, "counts": [each[name] for each in counts.values()]} for name in run.class_names],
        "quarantined": statements.quarantined(run),
    }


def _held(run: FinishedRun, names: Sequence[str]) -> str:
    return ", ".join(names) if run.predictions.is_grouped else f"{len(names)} {run.item}s"


# === Text ===


def _figure(value: float | None, name: str) -> str:
    """A figure of the head in its own unit."""
    if value is None:
        return "none"
    return f"{value:.3f}" if name == "loss" else percent(value, 2)
