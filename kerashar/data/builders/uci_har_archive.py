"""Reading UCI-HAR as its publisher packs it: windows, cut already."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.number_table import read_table
from kerashar.data.gravity import NINE_CHANNELS
from kerashar.data.recording import Recording
from kerashar.data.runs import runs
from kerashar.data.segment import Segment

RATE = 50.0  # Hz
CHANNELS = NINE_CHANNELS
UNITS = ("g",) * 3 + ("rad/s",) * 3 + ("g",) * 3
_KINDS = ("body_acc", "body_gyro", "total_acc")  # in the order of the channels
_LENGTH = 128  # samples of a window
_STEP = 64  # samples from one window to the next


def read_uci_har(path: Path | str) -> Iterator[Recording]:
    """Read the signals of a UCI-HAR archive, windows put together again where they overlap.

    The publisher cut windows of 128 samples that overlap by half. Neighbours whose halves agree in every sample
    become one recording, so cutting by 128 and 64 gives back the publisher's windows, and no window is cut across
    a seam that isn't there.

    Args:
        path: the publisher's zip; its root folder may have any name.

    Returns:
        Recordings of body acceleration (g), angular rate (rad/s) and total acceleration (g), `(time, 9)` at
        50 Hz, each one segment, labelled in lower case.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't UCI-HAR; the message names the member.

    Example:
        >>> next(read_uci_har("uci_har.zip")).recording_id  # doctest: +SKIP
        'train_0000'
    """
    with Archive(path) as archive:
        names = _read_label_names(archive)
        for side in ("train", "test"):
            windows, subjects, labels = _read_side(archive, side)
            unknown = np.flatnonzero(~np.isin(labels, list(names)))
            if len(unknown):
                raise ValueError(
                    f"Expected activities among {sorted(names)} in y_{side}.txt of {path}. "
                    f"Received: {labels[unknown[0]]} in line {unknown[0] + 1}."
                )
            for first, last in _runs(windows, subjects, labels):
                # The first halves one after the other, then the second half of the last window.
                signal = np.concatenate([*windows[first:last, :_STEP], windows[last - 1, _STEP:]])
                segment = Segment(names[int(labels[first])], 0, len(signal))
                subject, recording_id = f"{subjects[first]:02}", f"{side}_{first:04}"
                yield Recording(signal, RATE, CHANNELS, UNITS, subject, recording_id, (segment,))


def _read_label_names(archive: Archive) -> dict[int, str]:
    member = archive.find_one(r"activity_labels\.txt", "activity_labels.txt")
    rows = read_table(archive, member, [("number", np.int64), ("name", "U64")], "a number and a name")
    return {int(number): str(name).lower() for number, name in rows}


def _read_side(archive: Archive, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`(windows, 128, 9)`, subjects and labels of the training or the test folder."""
    columns = {}
    for kind in ("subject", "y"):
        member = archive.find_one(rf"{side}/{kind}_{side}\.txt", f"{side}/{kind}_{side}.txt")
        columns[kind] = read_table(archive, member, [("number", np.int64)], "a whole number")["number"]
    subjects, labels = columns["subject"], columns["y"]
    windows = np.empty((len(labels), _LENGTH, len(CHANNELS)), dtype=np.float32)
    names = [f"{kind}_{axis}_{side}.txt" for kind in _KINDS for axis in "xyz"]
    for channel, name in enumerate(names):
        member = archive.find_one(rf"{side}/Inertial Signals/{name}".replace(".", r"\."), name)
        values = read_table(archive, member, [("window", np.float32, (_LENGTH,))], f"{_LENGTH} finite numbers")
        for other, count in ((f"y_{side}.txt", len(labels)), (f"subject_{side}.txt", len(subjects))):
            if len(values) != count:
                raise ValueError(
                    f"Expected as many rows in {name} as in {other} of {archive.path}. "
                    f"Received: {len(values)} and {count}."
                )
        windows[..., channel] = values["window"]
    return windows, subjects, labels


def _runs(windows: np.ndarray, subjects: np.ndarray, labels: np.ndarray) -> list[tuple[int, int]]:
    """First and one past the last window of each run that belongs together."""
    joined = (subjects[1:] == subjects[:-1]) & (labels[1:] == labels[:-1])
    joined &= (windows[1:, :_STEP] == windows[:-1, _STEP:]).all(axis=(1, 2))
    return runs(~joined)
