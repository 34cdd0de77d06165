"""Whether an accelerometer at rest measures what gravity is in its unit."""

import numpy as np

from kerashar.data.quality.checks.parts import STANDARD_GRAVITY, gravity_columns
from kerashar.data.quality.problem import Problem, found_in
from kerashar.data.recording import Recording

# The median over a recording of people who sit, walk and run stays within a tenth of gravity; a third leaves
# room for poor calibration, and the units are a factor of ten apart.
_TOLERANCE = 1 / 3
_QUIET = 0.1  # of the mean length: the deviation within a second of a sensor that nearly rests
_NONE = 0.3  # of gravity: less, and a filter has taken gravity out


def gravity_magnitude(recording: Recording) -> list[Problem]:
    """The median length of the acceleration isn't what gravity is in the declared unit."""
    found = gravity_columns(recording.channels, recording.units)
    if found is None:
        return []
    sensor, columns = found
    unit = recording.units[columns[0]]
    lengths = np.linalg.norm(recording.signal[:, columns].astype(np.float64), axis=1)
    quiet = _quiet_lengths(recording.signal[:, columns].astype(np.float64), recording.rate)
    median = float(np.median(quiet if len(quiet) else lengths))
    ratio = median / STANDARD_GRAVITY[unit]
    if abs(ratio - 1) <= _TOLERANCE or median == 0:
        return []
    fitting = [
        name
        for name, size in {"m/s2": STANDARD_GRAVITY["m/s2"], "g": 1.0, "mg": 1000.0}.items()
        if abs(median / size - 1) <= _TOLERANCE
    ]
    what = f"The median length of the acceleration is {median:.3g} {unit}, gravity is {STANDARD_GRAVITY[unit]:g} {unit}"
    if fitting:
        return [
            found_in(
                recording,
                "error",
                "wrong unit",
                f"{what}: the values look like {fitting[0]}.",
                f"Declare the unit {fitting[0]}, or convert the values to {unit}.",
                channel=sensor,
            )
        ]
    if ratio < _NONE:
        return [
            found_in(
                recording,
                "note",
                "no gravity",
                f"{what}: gravity seems to be taken out.",
                "Name the channels body acceleration, so that nobody looks for the posture in them.",
                channel=sensor,
            )
        ]
    if not len(quiet):  # who moves all the time has another mean than gravity
        return []
    return [
        found_in(
            recording,
            "warning",
            "wrong scale",
            f"{what}: {ratio:.2f} times as much.",
            "Check the unit and the calibration.",
            channel=sensor,
        )
    ]


def _quiet_lengths(acceleration: np.ndarray, rate: float) -> np.ndarray:
    """Lengths of the acceleration in the seconds in which it hardly changes."""
    samples = max(2, round(rate))
    seconds = acceleration[: len(acceleration) // samples * samples].reshape(-1, samples, 3)
    lengths = np.linalg.norm(seconds, axis=2)
    return lengths[np.linalg.norm(seconds.std(axis=1), axis=1) < _QUIET * lengths.mean(axis=1)].ravel()
