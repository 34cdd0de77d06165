"""Reading HAPT as its publisher packs it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerashar.data.builders.archive import Archive
from kerashar.data.builders.channels import SIX_CHANNELS
from kerashar.data.builders.number_table import read_table
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

RATE = 50.0  # Hz
CHANNELS = SIX_CHANNELS
UNITS = ("g",) * 3 + ("rad/s",) * 3


def read_hapt(path: Path | str) -> Iterator[Recording]:
    """Read the raw recordings of a HAPT archive, one at a time.

    Args:
        path: the publisher's zip; its root folder may have any name.

    Returns:
        Recordings of acceleration (g) and angular rate (rad/s), `(time, 6)` at 50 Hz, labelled in lower case.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the archive is damaged or isn't HAPT; the message names the member and line.

    Example:
        >>> next(read_hapt("hapt.zip")).recording_id  # doctest: +SKIP
        'exp01_user01'
    """
    with Archive(path) as archive:
        segments = _read_segments(archive, _read_label_names(archive))
        sensors = {kind: archive.find(rf"RawData/{kind}_exp(\d+)_user(\d+)\.txt") for kind in ("acc", "gyro")}
        for key in sorted({*segments, *sensors["acc"], *sensors["gyro"]}):
            name = "exp{}_user{}".format(*key)
            parts = []
            for kind, members in sensors.items():
                if key not in members:
                    raise ValueError(f"Expected RawData/{kind}_{name}.txt in {path}. Received: an archive without it.")
                parts.append(_read_axes(archive, members[key]))
            if len(parts[0]) != len(parts[1]):
                raise ValueError(
                    f"Expected as many rows in {sensors['acc'][key]} as in {sensors['gyro'][key]} of {path}. "
                    f"Received: {len(parts[0])} and {len(parts[1])}."
                )
            signal = np.concatenate(parts, axis=1)
            for line, segment in segments.get(key, []):
                if segment.stop > len(signal):
                    raise ValueError(
                        f"Expected segments of {name} to end at sample {len(signal)} or before. "
                        f"Received: {segment.stop} in labels.txt line {line} of {path}."
                    )
            labelled = tuple(segment for _, segment in segments.get(key, []))
            yield Recording(signal, RATE, CHANNELS, UNITS, key[1], name, labelled)


def _read_label_names(archive: Archive) -> dict[int, str]:
    member = archive.find_one(r"activity_labels\.txt", "activity_labels.txt")
    names = {}
    for line, words in _lines(archive, member):
        if len(words) != 2 or not words[0].isdecimal():
            raise ValueError(_wrong(archive, member, line, "a number and a name", words))
        names[int(words[0])] = words[1].lower()
    return names


def _read_segments(archive: Archive, names: dict[int, str]) -> dict[tuple[str, ...], list[tuple[int, Segment]]]:
    """Segments with their line number, by (experiment, user) written as in the names of the files."""
    member = archive.find_one(r"RawData/labels\.txt", "RawData/labels.txt")
    segments: dict[tuple[str, ...], list[tuple[int, Segment]]] = {}
    for line, words in _lines(archive, member):
        if len(words) != 5 or not all(word.isdecimal() for word in words):
            raise ValueError(_wrong(archive, member, line, "experiment, user, activity, first and last", words))
        experiment, user, label, first, last = map(int, words)
        if label not in names:
            raise ValueError(_wrong(archive, member, line, f"an activity among {sorted(names)}", words))
        if not 1 <= first <= last:
            raise ValueError(_wrong(archive, member, line, "1 <= first <= last", words))
        # The publisher counts from 1 and includes the last sample.
        segment = Segment(names[label], first - 1, last)
        segments.setdefault((f"{experiment:02}", f"{user:02}"), []).append((line, segment))
    return segments


def _read_axes(archive: Archive, member: str) -> np.ndarray:
    """The `(time, 3)` values of one sensor's file."""
    return read_table(archive, member, [("axes", np.float32, (3,))], "three finite numbers")["axes"]


def _lines(archive: Archive, member: str) -> Iterator[tuple[int, list[str]]]:
    for line, text in enumerate(archive.read_text(member).split("\n"), start=1):
        if text.strip():
            yield line, text.split()


def _wrong(archive: Archive, member: str, line: int, expected: str, words: list[str]) -> str:
    return f"Expected {expected} in {member} line {line} of {archive.path}. Received: {' '.join(words)[:80]!r}."
