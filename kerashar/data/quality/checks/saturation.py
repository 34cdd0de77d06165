"""Values stuck at the end of the sensor's range."""

import numpy as np

from kerashar.data.quality.checks.parts import runs
from kerashar.data.quality.problem import Problem, counted, found_in
from kerashar.data.recording import Recording

_PLATEAU = 3  # samples in a row; a true peak of a sampled movement rarely repeats its highest value twice
_PLATEAUS = 2  # a single one may be chance
_CROWDED = 5.0  # times as many samples at the extreme value as at the values next to it
_NEIGHBOURS = 10  # values next to the extreme one that it is compared with
_MUCH = 0.01  # share of the recording; clipped peaks then shape the windows' extremes


def saturated(recording: Recording) -> list[Problem]:
    """Peaks are cut off at the highest or lowest value."""
    problems = []
    for column, channel in enumerate(recording.channels):
        values = recording.signal[:, column]
        clipped = np.zeros(len(values), dtype=bool)
        ends = []
        for name, extreme in (("highest", values.max()), ("lowest", values.min())):
            at_extreme = values == extreme
            starts, stops = runs(at_extreme)
            plateaus = int((stops - starts >= _PLATEAU).sum())
            if plateaus >= _PLATEAUS and at_extreme.sum() > _CROWDED * _count_beside(values, extreme):
                clipped |= at_extreme
                ends.append(f"{name} value {extreme:g}")
        if ends and not clipped.all():
            share = clipped.mean()
            problems.append(
                found_in(
                    recording,
                    "error" if share > _MUCH else "warning",
                    "saturation",
                    f"{counted(int(clipped.sum()), 'sample')} ({share:.2%}) at the {' or the '.join(ends)}.",
                    "Record with a larger range; leave these stretches out if peaks matter.",
                    channel=channel,
                    sample=np.flatnonzero(clipped)[0],
                )
            )
    return problems


def _count_beside(values: np.ndarray, extreme: np.floating) -> float:
    """How many samples a value next to the extreme one has."""
    different, counts = np.unique(values, return_counts=True)
    beside = counts[:-1][-_NEIGHBOURS:] if extreme == different[-1] else counts[1:][:_NEIGHBOURS]
    return float(np.median(beside)) if len(beside) else np.inf
