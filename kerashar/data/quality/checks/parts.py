"""What several checks look at: sensors of three axes, runs, and the seconds in which something moves."""

import re
from collections.abc import Sequence

import numpy as np

from kerashar.data.recording import Recording

_AXIS = re.compile(r"(?P<sensor>.*?)[ _.-]?(?P<axis>[xyz])", re.IGNORECASE)
# Channels that hold acceleration without gravity, by what data sets and phones call them.
_WITHOUT_GRAVITY = re.compile(r"body|linear|user", re.IGNORECASE)
STANDARD_GRAVITY = {"g": 1.0, "m/s2": 9.80665, "m/s^2": 9.80665, "m/s²": 9.80665}


def triads(channels: Sequence[str]) -> dict[str, list[int]]:
    """Columns of each sensor that has the axes x, y and z, by the sensor's name.

    Example:
        >>> triads(["acceleration_x", "acceleration_y", "acceleration_z", "light"])
        {'acceleration': [0, 1, 2]}
    """
    found: dict[str, dict[str, int]] = {}
    for column, channel in enumerate(channels):
        if match := _AXIS.fullmatch(channel):
            found.setdefault(match["sensor"], {})[match["axis"].lower()] = column
    return {sensor: [axes[axis] for axis in "xyz"] for sensor, axes in found.items() if set(axes) == set("xyz")}


def gravity_columns(channels: Sequence[str], units: Sequence[str]) -> tuple[str, list[int]] | None:
    """Name and columns of the first accelerometer whose values should hold gravity; None if there is none."""
    for sensor, columns in triads(channels).items():
        if not _WITHOUT_GRAVITY.search(sensor) and {units[column] for column in columns} & STANDARD_GRAVITY.keys():
            return sensor, columns
    return None


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Starts and stops of the stretches where `mask` (n,) is true.

    Example:
        >>> runs(np.array([False, True, True, False, True]))
        (array([1, 4]), array([3, 5]))
    """
    edges = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return edges[::2], edges[1::2]


def moving_rows(recording: Recording, columns: Sequence[int]) -> np.ndarray:
    """Mask of the livelier half of the recording's seconds.

    A sensor at rest repeats values because its steps are coarse; only where it moves is a repeated value telling.
    """
    length = max(2, round(recording.rate))
    blocks = len(recording.signal) // length
    if blocks < 2:
        return np.ones(len(recording.signal), dtype=bool)
    values = recording.signal[: blocks * length, columns].astype(np.float64)
    liveliness = values.reshape(blocks, length, -1).std(axis=1).sum(axis=1)
    rows = np.repeat(liveliness >= np.median(liveliness), length)
    return np.pad(rows, (0, len(recording.signal) - len(rows)))
