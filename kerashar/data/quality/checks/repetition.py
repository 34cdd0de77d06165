"""Signs in the samples that a sensor ran slower than declared."""

import numpy as np

from kerashar.data.quality.checks.parts import moving_rows, triads
from kerashar.data.quality.problem import Problem, found_in
from kerashar.data.recording import Recording

_SOME = 0.1  # share of the samples while moving; noise makes a chance repetition of three axes rare
_MOST = 0.4  # a sensor of half the declared rate repeats 0.5 of its samples
_LINE = 1e-6  # of the deviation: what float32 leaves of a point on the line between its neighbours


def held_values(recording: Recording) -> list[Problem]:
    """While moving, a sensor's samples often repeat the one before: it ran slower than declared."""
    problems = []
    for sensor, columns in _sensors(recording).items():
        part = recording.signal[:, columns]
        moving = moving_rows(recording, columns)[1:]
        repeated = (part[1:] == part[:-1]).all(axis=1) & moving
        share = repeated.sum() / max(1, moving.sum())
        if share > _SOME and not (part == part[0]).all():
            problems.append(
                found_in(
                    recording,
                    "error" if share > _MOST else "warning",
                    "repeated samples",
                    f"{share:.0%} of the samples while moving repeat the one before: new values come at about "
                    f"{recording.rate * (1 - share):.3g} Hz, not at {recording.rate:g} Hz.",
                    "Take the sensor's own time stamps and resample, or declare the lower rate.",
                    channel=sensor,
                    sample=np.flatnonzero(repeated)[0] + 1,
                )
            )
    return problems


def interpolated_values(recording: Recording) -> list[Problem]:
    """While moving, many samples lie exactly on the line between their neighbours: they were interpolated."""
    problems = []
    for sensor, columns in _sensors(recording).items():
        part = recording.signal[:, columns].astype(np.float64)
        if len(part) < 3:
            continue
        bend = np.abs(part[:-2] - 2 * part[1:-1] + part[2:])
        changes = (part[2:] != part[:-2]).any(axis=1)
        moving = moving_rows(recording, columns)[1:-1]
        between = (bend <= _LINE * part.std(axis=0)).all(axis=1) & changes & moving
        share = between.sum() / max(1, moving.sum())
        if share > _SOME:
            problems.append(
                found_in(
                    recording,
                    "warning",
                    "interpolated samples",
                    f"{share:.0%} of the samples while moving lie on the line between their neighbours: the sensor "
                    f"ran at about {recording.rate * (1 - share):.3g} Hz, not at {recording.rate:g} Hz.",
                    "Declare the sensor's own rate, and compare with data sets of that rate only.",
                    channel=sensor,
                    sample=np.flatnonzero(between)[0] + 1,
                )
            )
    return problems


def _sensors(recording: Recording) -> dict[str, list[int]]:
    return triads(recording.channels) or {"all channels": list(range(len(recording.channels)))}
