"""Reading PAMAP2 as its publisher packs it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.number_table import read_table
from kerashar.data.label_segments import label_segments
from kerashar.data.recording import Recording
from kerashar.data.resampling import resample

RATE = 100.0  # Hz
_KINDS = {"acceleration": "m/s2", "angular_rate": "rad/s", "magnetic_field": "uT"}
CHANNELS = tuple(f"{place}_{kind}_{axis}" for place in ("hand", "chest", "ankle") for kind in _KINDS for axis in "xyz")
UNITS = tuple(unit for unit in _KINDS.values() for _ in "xyz") * 3
# Of the 17 columns of a sensor: acceleration to 16 g (the one to 6 g saturates), angular rate, magnetic field.
_USED = [place * 17 + column for place in range(3) for column in (1, 2, 3, 7, 8, 9, 10, 11, 12)]
_COLUMNS = [("time", np.float64), ("activity", np.int64), ("heart_rate", np.float32), ("sensors", np.float32, (51,))]
_MAX_GAP = 0.2  # s; radio drops are mostly of a few samples, and a longer line would cut off half a step
ACTIVITIES = {
    1: "lying",
    2: "sitting",
    3: "standing",
    4: "walking",
    5: "running",
    6: "cycling",
    7: "nordic_walking",
    12: "ascending_stairs",
    13: "descending_stairs",
    16: "vacuum_cleaning",
    17: "ironing",
    24: "rope_jumping",
}
_TRANSIENT = 0


def read_pamap2(path: Path | str) -> Iterator[Recording]:
    """Read the protocol of a PAMAP2 archive, one stretch without a gap at a time.

    Samples that the radio dropped are filled in along a line up to 0.2 s; longer gaps split the recording.
    Transient activities have no label. The optional activities aren't read: few subjects did them.

    Args:
        path: the publisher's zip; its root folder may have any name.

    Returns:
        Recordings of acceleration (m/s2), angular rate (rad/s) and magnetic field (uT) of hand, chest and ankle,
        `(time, 27)` at 100 Hz.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't PAMAP2; the message names the member and line.

    Example:
        >>> next(read_pamap2("pamap2.zip")).recording_id  # doctest: +SKIP
        'subject101_0'
    """
    with Archive(path) as archive:
        members = archive.find(r"Protocol/subject(\d+)\.dat")
        if not members:
            raise ValueError(f"Expected files such as Protocol/subject101.dat in {path}. Received: an archive without.")
        for (subject,), member in sorted(members.items()):
            rows = read_table(archive, member, _COLUMNS, "54 numbers", missing=True)
            activities = rows["activity"]
            unknown = np.flatnonzero(~np.isin(activities, [_TRANSIENT, *ACTIVITIES]))
            if len(unknown):
                raise ValueError(
                    f"Expected activities among {[_TRANSIENT, *ACTIVITIES]} in {member} of {path}. "
                    f"Received: {activities[unknown[0]]} in sample {unknown[0] + 1}."
                )
            try:
                stretches = resample(rows["time"], rows["sensors"][:, _USED], RATE, max_gap=_MAX_GAP)
            except ValueError as error:
                raise ValueError(f"{error} This is {member} of {path}.") from error
            for number, stretch in enumerate(stretches):
                labels = np.array([ACTIVITIES.get(int(code), "") for code in activities[stretch.rows]])
                segments = label_segments(labels)
                yield Recording(stretch.signal, RATE, CHANNELS, UNITS, subject, f"subject{subject}_{number}", segments)
