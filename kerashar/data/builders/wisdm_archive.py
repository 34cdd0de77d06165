"""Reading WISDM of 2019 as its publisher packs it."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.builders.number_table import read_table
from kerashar.data.recording import Recording
from kerashar.data.resampling import resample_together
from kerashar.data.runs import runs
from kerashar.data.segment import Segment

RATE = 20.0  # Hz, what the publisher asked for; some phones stamp at 25, 50 or 100
UNITS = ("m/s2",) * 3 + ("rad/s",) * 3  # Android's
_COLUMNS = [("subject", np.int64), ("code", "U8"), ("stamp", np.int64), ("axes", np.float32, (3,))]


@dataclass(frozen=True, eq=False)
class _Run:
    """Neighbouring lines of one activity with stamps that never fall."""

    stamps: np.ndarray
    axes: np.ndarray


def read_wisdm(path: Path | str, device: str) -> Iterator[Recording]:
    """Read the phone or the watch of a WISDM archive, one stretch of an activity at a time.

    Accelerometer and gyroscope have stamps of their own, so both are resampled to common instants. An activity
    that only one of them recorded is left out. Lines that repeat a time of the same activity can't be told from
    a mistake and are left out too, with a warning.

    Args:
        path: the publisher's zip; its root folder may have any name.
        device: "phone" or "watch".

    Returns:
        Recordings of acceleration (m/s2) and angular rate (rad/s), `(time, 6)` at 20 Hz, each one segment.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't WISDM; the message names the member and line.

    Example:
        >>> next(read_wisdm("wisdm.zip", "watch")).recording_id  # doctest: +SKIP
        '1600_watch_A_0'
    """
    with Archive(path) as archive:
        names = _read_label_names(archive)
        sensors = {
            kind: archive.find(rf"raw/{device}/{kind}/data_(\d+)_{kind}_{device}\.txt") for kind in ("accel", "gyro")
        }
        keys = sorted({*sensors["accel"], *sensors["gyro"]})
        if not keys:
            raise ValueError(f"Expected files in raw/{device}/accel in {path}. Received: an archive without.")
        for key in keys:
            sensor_runs = []
            for kind, members in sensors.items():
                if key not in members:
                    raise ValueError(
                        f"Expected raw/{device}/{kind}/data_{key[0]}_{kind}_{device}.txt in {path}. "
                        "Received: an archive without it."
                    )
                sensor_runs.append(_read_runs(archive, members[key], int(key[0]), names))
            for code in sorted({*sensor_runs[0], *sensor_runs[1]}):
                stretches = [
                    stretch
                    for accelerations in sensor_runs[0].get(code, [])
                    for rates in sensor_runs[1].get(code, [])
                    for stretch in resample_together(_on_one_clock(accelerations, rates), RATE)
                ]
                for number, stretch in enumerate(stretches):
                    segment = Segment(names[code], 0, len(stretch.signal))
                    name = f"{key[0]}_{device}_{code}_{number}"
                    yield Recording(stretch.signal, RATE, SIX_CHANNELS, UNITS, key[0], name, (segment,))


def _on_one_clock(*sensors: _Run) -> list[tuple[np.ndarray, np.ndarray]]:
    origin = min(run.stamps[0] for run in sensors)  # nanoseconds may have more digits than a float
    return [((run.stamps - origin) / 1e9, run.axes) for run in sensors]


def _read_label_names(archive: Archive) -> dict[str, str]:
    member = archive.find_one(r"activity_key\.txt", "activity_key.txt")
    names = {}
    for line, text in enumerate(archive.lines(member), start=1):
        if not text.strip():
            continue
        match = re.fullmatch(r"\s*(\w[\w ]*?)\s*=\s*([A-Z])\s*", text)
        if match is None:
            raise ValueError(
                f"Expected a line such as 'walking = A' in {member} line {line} of {archive.path}. "
                f"Received: {text.strip()[:80]!r}."
            )
        names[match[2]] = match[1].lower().replace(" ", "_")
    return names


def _read_runs(archive: Archive, member: str, subject: int, names: dict[str, str]) -> dict[str, list[_Run]]:
    """The runs of each activity, by its letter."""
    rows = read_table(archive, member, _COLUMNS, "subject, activity, stamp and three axes", separator=",", line_end=";")
    codes = np.char.strip(rows["code"])
    known = np.isin(codes, list(names)) & (rows["subject"] == subject)
    if len(bad := np.flatnonzero(~known)):
        raise ValueError(
            f"Expected subject {subject} and an activity among {sorted(names)} in {member} of {archive.path}. "
            f"Received: {rows['subject'][bad[0]]} and {str(codes[bad[0]])!r} in sample {bad[0] + 1}."
        )
    stamps = rows["stamp"]
    found: dict[str, list[_Run]] = {}
    for start, stop in runs((codes[1:] != codes[:-1]) | (stamps[1:] < stamps[:-1])):
        run = _Run(stamps[start:stop], rows["axes"][start:stop])
        others = found.setdefault(str(codes[start]), [])
        if any(run.stamps[0] <= other.stamps[-1] and other.stamps[0] <= run.stamps[-1] for other in others):
            warnings.warn(
                f"Left out samples {start + 1} to {stop} in {member} of {archive.path}: "
                f"their times were recorded before for activity {codes[start]}.",
                stacklevel=1,
            )
        else:
            others.append(run)
    return found
