"""The quality report of a data set of recordings."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from kerashar.data.data_set import DataSet
from kerashar.data.data_sets import data_set
from kerashar.data.progress import show_progress
from kerashar.data.quality.checks import RECORDING_CHECKS, check_recording, sentence
from kerashar.data.quality.checks.comparison import copied_recordings, odd_bands, odd_tempos, turned_axes
from kerashar.data.quality.checks.copies import copied_windows
from kerashar.data.quality.checks.labels import imbalance, missing_classes, subjects_without_a_class, unused_time
from kerashar.data.quality.checks.outliers import outlying_subjects
from kerashar.data.quality.drift import channel_drift, drifting_channels
from kerashar.data.quality.problem import SEVERITIES, Problem
from kerashar.data.quality.quality_report import QualityReport, in_order
from kerashar.data.quality.recording_facts import RecordingFacts
from kerashar.data.quality.tables import (
    channel_table,
    deviation_table,
    drift_table,
    recording_table,
    side_table,
    subject_table,
)
from kerashar.data.recording import Recording
from kerashar.data.splits import draw_sides
from kerashar.data.window_set import WindowSet

_COMPARISONS = (turned_axes, odd_tempos, odd_bands, copied_recordings)
_OF_SIDES = (missing_classes, imbalance, copied_windows)
_OF_SUBJECTS = (subjects_without_a_class, outlying_subjects)


def quality_report(
    source: str | Path | DataSet, *, archive: Path | str | None = None, cache: Path | str | None = None, seed: int = 0
) -> QualityReport:
    """Find out what is in a data set and what is wrong with it.

    Use it before the first training on data that you don't know, your own above all. Recordings are read one at a
    time. Where the data set filters them and can give them as they were measured, those are checked.

    Args:
        source: a data set, the name of one, or a folder that `kerashar data import` wrote.
        archive: the publisher's file; None downloads it or takes it from an installed package.
        cache: folder for what is built from it; None takes the variable KERASHAR_CACHE, or the user's cache.
        seed: of the draw of validation subjects and of the permutations.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: the name is unknown, the archive is damaged, or no windows can be cut.

    Example:
        >>> quality_report("watch").verdict
        'Fit to train on: no problem found.'
    """
    from kerashar.data.quality import pictures

    known = source if isinstance(source, DataSet) else data_set(source, cache=cache)
    windows, facts, problems = _read(known, archive=archive, cache=cache)
    sides = _sides(windows, known, seed)
    steps: list[Callable[[], list[Problem]]] = [
        *(lambda check=check: check(facts) for check in _COMPARISONS),
        lambda: unused_time(facts, known.class_names, known.window_seconds),
        *(lambda check=check: check(windows, sides) for check in _OF_SIDES),
        *(lambda check=check: check(windows) for check in _OF_SUBJECTS),
    ]
    for step in show_progress(steps, f"Comparing recordings of {known.name}", len(steps), sys.stderr):
        problems += step()
    drifts = (
        channel_drift(windows.select(sides["train"]), windows.select(sides["test"]), seed=seed)
        if "test" in sides
        else []
    )
    problems = list(in_order(problems + drifting_channels(drifts)))

    by_side, by_subject, deviations = (
        side_table(windows, sides),
        subject_table(windows, sides),
        deviation_table(windows),
    )
    drawn = [
        pictures.problem_map(problems),
        pictures.class_bars(by_side, known.class_names),
        pictures.subject_map(by_subject, known.class_names),
        pictures.drift_dots(drifts) if drifts else None,
        pictures.channel_histograms(windows, sides),
        *pictures.deviation_maps(deviations, windows.channels),
    ]
    return QualityReport(
        name=known.name,
        title=f"{known.title}: {len(windows):,} windows of {len(set(windows.subjects.tolist()))} subjects in "
        f"{windows.num_classes} classes",
        facts=_facts(known, windows, seed),
        problems=problems,
        tables=[
            by_side,
            *([drift_table(drifts)] if drifts else []),
            by_subject,
            channel_table(windows, sides),
            deviations,
            recording_table(facts, problems),
        ],
        pictures=[picture for picture in drawn if picture is not None],
        checks=[
            sentence(check)
            for check in (
                *RECORDING_CHECKS,
                *_COMPARISONS,
                unused_time,
                *_OF_SIDES,
                *_OF_SUBJECTS,
                drifting_channels,
            )
        ],
    )


def _read(known: DataSet, **source: Path | str | None) -> tuple[WindowSet, list[RecordingFacts], list[Problem]]:
    """The windows that training takes, and what the recordings were like as they were measured."""
    facts: list[RecordingFacts] = []
    problems: list[Problem] = []
    if known.raw_recordings is None:
        windows = known.cut(_looked_at(known.recordings(**source), facts, problems, known.name))
        return windows, facts, problems
    for _ in _looked_at(known.raw_recordings(**source), facts, problems, known.name):
        pass  # and forget it
    left: list[Problem] = []
    windows = known.cut(_looked_at(known.recordings(**source), [], left, known.name))
    return windows, facts, _behind_the_filter(problems, left)


def _behind_the_filter(measured: list[Problem], left: list[Problem]) -> list[Problem]:
    """Problems of the raw recordings, a step milder where the filter hides them, and those that only come with it."""
    staying, known = ({(one.recording, one.kind) for one in problems} for problems in (left, measured))
    return [one if (one.recording, one.kind) in staying else _milder(one) for one in measured] + [
        one for one in left if (one.recording, one.kind) not in known
    ]


def _milder(problem: Problem) -> Problem:
    step = min(SEVERITIES.index(problem.severity) + 1, len(SEVERITIES) - 1)
    advice = f"{problem.advice[0].lower()}{problem.advice[1:]}"
    return replace(
        problem,
        severity=SEVERITIES[step],
        advice=f"The data set's filter hides it in the windows, so they can be used. Without that filter: {advice}",
    )


def _looked_at(
    recordings: Iterable[Recording], facts: list[RecordingFacts], problems: list[Problem], name: str
) -> Iterator[Recording]:
    """Pass recordings on, and keep what is found in each."""
    for recording in show_progress(recordings, f"Checking {name}", None, sys.stderr):
        problems += check_recording(recording)
        facts.append(RecordingFacts.of(recording))
        yield recording


def _sides(windows: WindowSet, known: DataSet, seed: int) -> dict[str, np.ndarray]:
    """Which windows are on which side; one side where nobody is kept for the test."""
    subjects = set(windows.subjects.tolist())
    tested = subjects.intersection(known.test_subjects)
    if not tested or len(subjects - tested) < 2:
        return {"all": np.ones(len(windows), dtype=bool)}
    # No split is made, which would refuse what is reported here.
    people = draw_sides(subjects, test_subjects=sorted(tested), seed=seed)
    return {side: np.isin(windows.subjects, names) for side, names in people.items()}


def _facts(known: DataSet, windows: WindowSet, seed: int) -> dict[str, str]:
    length = windows.window_shape[0]
    return {
        "Citation": known.citation,
        "Licence": known.licence,
        "Home": known.url,
        "Placement": known.placement,
        "Rate": f"{windows.rate:g} Hz",
        "Channels": ", ".join(f"{name} ({unit})" for name, unit in zip(windows.channels, windows.units, strict=True)),
        "Windows": f"{length} samples = {length / windows.rate:g} s, each inside one labelled segment, "
        f"{known.overlap:.0%} overlap with the next",
        "Classes": ", ".join(known.class_names),
        "Labels left out": ", ".join(known.dropped_labels) or "none",
        "Subjects": ", ".join(known.subjects),
        "Test subjects": ", ".join(known.test_subjects) or "none",
        "Checked": "the signals as the data set gives them: what a filter took out isn't seen"
        if known.raw_recordings is None
        else "the signals as they were measured, before the data set filters them",
        "Seed": str(seed),
    }
