"""The record of a search that survives the death of any of its processes."""

import json
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerashar.files import append_line


class Journal:
    """Appends events to a file, each flushed to disk before the call returns, and reads them back.

    Each file has one writer: the search's own is its driver's, and each trial has another in its folder, so that no
    append meets another's, on a network's file system either. A line carries the checksum of its text; a line torn by
    a crash or a full disk is passed over by the reader and spoils no other. The order of events is that of the lines,
    whatever the clock says.

    Args:
        path: the file, one event a line.

    Example:
        >>> import tempfile
        >>> journal = Journal(Path(tempfile.mkdtemp()) / "journal.jsonl")
        >>> event = journal.append("report", trial="0001", epoch=1, score=0.5)
        >>> [(event["event"], event["score"]) for event in journal.read()]
        [('report', 0.5)]
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def append(self, event: str, **details: Any) -> dict[str, Any]:
        """Write one event, and return it as it will be read. NaN in it is a ValueError, because it is not JSON."""
        text = json.dumps({"event": event, "time": round(time.time(), 3), **details}, allow_nan=False)
        append_line(self.path, f"{zlib.crc32(text.encode()):08x} {text}")
        return json.loads(text)

    def read(self) -> Iterator[dict[str, Any]]:
        """The whole events, in the order they were written."""
        if not self.path.exists():
            return
        for line in self.path.read_bytes().split(b"\n"):
            checksum, _, text = line.partition(b" ")
            if checksum == b"%08x" % zlib.crc32(text):
                yield json.loads(text)


def own_journal(folder: Path, trial: str) -> Journal:
    """The journal that a trial of the search in `folder` keeps of its reports."""
    return Journal(trial_folder(folder, trial) / "reports.jsonl")


def trial_folder(folder: Path, trial: str) -> Path:
    """What a trial of the search in `folder` writes into."""
    return folder / "trials" / trial


def stored_trial(storage: str, trial: str) -> str:
    """Where storage keeps that folder."""
    return f"{storage}/trials/{trial}"
