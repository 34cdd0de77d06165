"""Reading MotionSense as its publisher packs it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.number_table import read_table
from kerashar.data.gravity import NINE_CHANNELS
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

RATE = 50.0  # Hz
CHANNELS = NINE_CHANNELS
UNITS = ("g",) * 3 + ("rad/s",) * 3 + ("g",) * 3
ACTIVITIES = {
    "dws": "downstairs",
    "ups": "upstairs",
    "wlk": "walking",
    "jog": "jogging",
    "sit": "sitting",
    "std": "standing",
}
_FIELDS = ("gravity", "rotationRate", "userAcceleration")
_HEADER = ",attitude.roll,attitude.pitch,attitude.yaw," + ",".join(
    f"{name}.{axis}" for name in _FIELDS for axis in "xyz"
)
_COLUMNS = [("number", np.int64), ("attitude", np.float32, (3,)), *((name, np.float64, (3,)) for name in _FIELDS)]


def read_motion_sense(path: Path | str) -> Iterator[Recording]:
    """Read the device motion of a MotionSense archive, one trial of a subject at a time.

    Args:
        path: the publisher's `A_DeviceMotion_data.zip`; its root folder may have any name.

    Returns:
        Recordings of body acceleration (g), angular rate (rad/s) and total acceleration (g), which is the body's
        and gravity's, `(time, 9)` at 50 Hz, each one segment.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't MotionSense; the message names the member and line.

    Example:
        >>> next(read_motion_sense("A_DeviceMotion_data.zip")).recording_id  # doctest: +SKIP
        'dws_1_sub_1'
    """
    with Archive(path) as archive:
        members = archive.find(rf"({'|'.join(ACTIVITIES)})_(\d+)/sub_(\d+)\.csv")
        if not members:
            raise ValueError(f"Expected files such as dws_1/sub_1.csv in {path}. Received: an archive without.")
        for (code, trial, subject), member in sorted(members.items()):
            rows = read_table(archive, member, _COLUMNS, "13 finite numbers", separator=",", header=_HEADER)
            if len(lost := np.flatnonzero(np.diff(rows["number"]) != 1)):
                raise ValueError(
                    f"Expected samples counted one by one in {member} of {path}. "
                    f"Received: {rows['number'][lost[0] + 1]} after {rows['number'][lost[0]]}."
                )
            body = rows["userAcceleration"]
            signal = np.concatenate([body, rows["rotationRate"], body + rows["gravity"]], axis=1)
            segment = Segment(ACTIVITIES[code], 0, len(signal))
            name = f"{code}_{trial}_sub_{subject}"
            yield Recording(signal, RATE, CHANNELS, UNITS, f"{int(subject):02}", name, (segment,))
