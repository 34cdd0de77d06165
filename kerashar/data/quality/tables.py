"""The tables of a data set's report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from kerashar.data.quality.checks.outliers import subject_deviations
from kerashar.data.quality.drift import Drift
from kerashar.data.quality.problem import Problem
from kerashar.data.quality.recording_facts import RecordingFacts
from kerashar.data.quality.table import MANY_CLASSES, Cell, Table, rounded
from kerashar.data.window_set import WindowSet

QUANTILES = {"lowest 0.1 %": 0.001, "5 %": 0.05, "median": 0.5, "95 %": 0.95, "highest 0.1 %": 0.999}


def side_table(windows: WindowSet, sides: Mapping[str, np.ndarray]) -> Table:
    """Windows per side and class."""
    rows: list[dict[str, Cell]] = []
    for side, mask in sides.items():
        part = windows.select(mask)
        rows.append(
            {
                "side": side,
                "subjects": len(np.unique(part.subjects)),
                "recordings": len(np.unique(part.recordings)),
                **part.class_counts(),
                "windows": len(part),
                "seconds": rounded(_covered_seconds(part)),
            }
        )
    note = "Windows per class. Seconds count each sample once, though windows overlap."
    return Table("Sides and classes", note, rows, folded=windows.num_classes > MANY_CLASSES)


def subject_table(windows: WindowSet, sides: Mapping[str, np.ndarray]) -> Table:
    """Windows per subject and class."""
    rows: list[dict[str, Cell]] = []
    for side, mask in sides.items():
        for subject in np.unique(windows.subjects[mask]):
            part = windows.select(mask & (windows.subjects == subject))
            rows.append(
                {
                    "subject": str(subject),
                    "side": side,
                    **part.class_counts(),
                    "windows": len(part),
                    "seconds": rounded(_covered_seconds(part)),
                }
            )
    return Table("Subjects and classes", "Windows per class.", rows, folded=True)


def channel_table(windows: WindowSet, sides: Mapping[str, np.ndarray]) -> Table:
    """Where the values of each channel lie, side by side."""
    rows: list[dict[str, Cell]] = []
    for column, (channel, unit) in enumerate(zip(windows.channels, windows.units, strict=True)):
        for side, mask in sides.items():
            values = windows.windows[mask, :, column].astype(np.float64)
            found = np.quantile(values, list(QUANTILES.values()))
            rows.append(
                {
                    "channel": channel,
                    "unit": unit,
                    "side": side,
                    "mean": rounded(values.mean()),
                    "deviation": rounded(values.std()),
                    **{name: rounded(value) for name, value in zip(QUANTILES, found, strict=True)},
                }
            )
    return Table("Channels", "Over all samples of the windows of a side.", rows, folded=True)


def drift_table(drifts: Sequence[Drift]) -> Table:
    """The drift between train and test."""
    rows: list[dict[str, Cell]] = [
        {
            "channel": one.channel,
            "of windows": one.summary,
            "distance": rounded(one.distance),
            "by chance up to": rounded(one.by_chance),
            "p": rounded(one.p_value),
            "p, corrected": rounded(one.corrected),
        }
        for one in drifts
    ]
    note = (
        "Wasserstein-1 distance between train and test in deviations over all windows, of the windows' means (level) "
        "and deviations (movement). For p, whole subjects are dealt to the sides anew, since windows of one subject "
        "aren't independent; each subject counts the same. Corrected after Holm for all rows. A drift may also come "
        "from another mix of classes."
    )
    return Table("Drift between train and test", note, rows, folded=True)


def deviation_table(windows: WindowSet) -> Table:
    """How far each subject's channels lie from everyone's."""
    deviations = subject_deviations(windows)
    rows: list[dict[str, Cell]] = [
        {
            "subject": str(subject),
            **{
                f"{channel}, {what}": round(float(values[row, column]), 1) + 0.0  # no -0
                for what, values in deviations.items()
                for column, channel in enumerate(windows.channels)
            },
        }
        for row, subject in enumerate(np.unique(windows.subjects))
    ]
    note = (
        "Distance of the subject's middle level and movement to the middle subject's, in robust deviations "
        "(1.4826 times the median distance)."
    )
    return Table("Subjects and channels", note, rows, folded=True)


def recording_table(facts: Sequence[RecordingFacts], problems: Iterable[Problem]) -> Table:
    """Length of each recording, and how many problems it has."""
    counts = Counter(problem.recording for problem in problems)
    rows: list[dict[str, Cell]] = [
        {
            "recording": one.recording,
            "subject": one.subject,
            "rate (Hz)": rounded(one.rate),
            "seconds": rounded(one.samples / one.rate),
            "labelled": rounded(sum(length for *_, length in one.segments) / one.samples),
            "problems": counts[one.recording],
        }
        for one in facts
    ]
    return Table("Recordings", "Labelled is the share of the samples with any label.", rows, folded=True)


def _covered_seconds(windows: WindowSet) -> float:
    length = windows.window_shape[0]
    samples = 0
    for recording in np.unique(windows.recordings):
        starts = np.sort(windows.starts[windows.recordings == recording])
        samples += int(np.minimum(np.diff(starts), length).sum()) + length
    return samples / windows.rate
