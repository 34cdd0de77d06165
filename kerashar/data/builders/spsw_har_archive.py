"""Reading SP-SW-HAR as its publisher packs it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.builders.number_table import read_table
from kerashar.data.label_segments import label_segments
from kerashar.data.recording import Recording
from kerashar.data.resampling import even_times, resample_together

RATE = 50.0  # Hz; the sensors run at 102.4 (phone) and 104.3 (watch), bodies move below 20
UNITS = ("m/s2",) * 3 + ("rad/s",) * 3
DEVICES = {"phone": "sp", "watch": "sw"}
_HEADER = "x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label"
_COLUMNS = [("signal", np.float32, (6,)), ("stamp", np.int64), ("label", "U32")]


def read_spsw_har(path: Path | str, devices: Sequence[str] = ("phone", "watch")) -> Iterator[Recording]:
    """Read the executions of a SP-SW-HAR archive, one at a time.

    Stamps say when a sample arrived: late by up to 0.17 s, in bursts, while the promptest stamps of each of the 446
    files lie on a straight line to 9 ms, at 102.4 Hz for each phone and 104.3 Hz for each watch. So samples are put
    on that line before they are resampled. By it, two neighbours predict a gyroscope's sample twice as well for the
    phone, and a fifth better for the watch, as by the stamps.

    Args:
        path: the publisher's zip; its root folder may have any name.
        devices: "phone", "watch" or both, whose clocks the publisher set alike.

    Returns:
        Recordings of acceleration (m/s2) and angular rate (rad/s) per device, `(time, 6)` or `(time, 12)` at 50 Hz,
        labelled in lower case, by the first device where both are read.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't SP-SW-HAR; the message names the member and line.

    Example:
        >>> next(read_spsw_har("spsw_har.zip")).recording_id  # doctest: +SKIP
        's01_01'
    """
    prefixes = [f"{device}_" if len(devices) > 1 else "" for device in devices]
    channels = tuple(prefix + channel for prefix in prefixes for channel in SIX_CHANNELS)
    with Archive(path) as archive:
        members = {device: archive.find(rf"(s\d+)_(\d+)_{DEVICES[device]}\.csv") for device in devices}
        keys = sorted(set().union(*members.values()))
        if not keys:
            raise ValueError(f"Expected files such as DATA/s01/s01_01_sp.csv in {path}. Received: an archive without.")
        for key in keys:
            name = "_".join(key)
            sources, labels = [], []
            for device in devices:
                if key not in members[device]:
                    raise ValueError(
                        f"Expected {name}_{DEVICES[device]}.csv in {path}. Received: an archive without it."
                    )
                member = members[device][key]
                rows = read_table(
                    archive, member, _COLUMNS, "six numbers, a stamp and a label", separator=",", header=_HEADER
                )
                try:
                    sources.append((even_times(rows["stamp"] / 1000), rows["signal"]))
                except ValueError as error:
                    raise ValueError(f"{error} This is {member} of {path}.") from error
                labels.append(np.char.lower(rows["label"]))
            stretches = resample_together(sources, RATE)
            if len(stretches) != 1:
                raise ValueError(f"Expected {name} of {path} without a gap. Received: {len(stretches)} pieces.")
            stretch = stretches[0]
            segments = label_segments(labels[0][stretch.rows])
            yield Recording(stretch.signal, RATE, channels, UNITS * len(devices), key[0], name, segments)
