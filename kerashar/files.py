"""Writing files so that a crash or a full disk never leaves a half-written one behind."""

import csv
import errno
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def write_atomically(path: Path | str, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name, flush it to disk, then rename it into place.

    Use it for everything a user would miss: readers see the old file or the new one, never a part.

    Args:
        path: the file to write; its folder is made if it is missing.
        write: called with the temporary path (same folder and suffix as `path`) and writes it.

    Raises:
        OSError: the folder can't be written or the disk is full; the old file is left as it was.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "note.txt"
        >>> write_atomically(target, lambda temporary: temporary.write_text("kept"))
        >>> target.read_text()
        'kept'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last because writers such as Keras and NumPy choose the format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        write(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def write_json(path: Path | str, data: Any) -> None:
    """Write `data` as indented JSON, atomically.

    NaN and infinity are refused because they are not JSON and other readers choke on them.
    """
    text = json.dumps(data, indent=2, allow_nan=False) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_csv(path: Path | str, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of the same keys as CSV with a header, atomically; at least one row."""

    def write(temporary: Path) -> None:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    write_atomically(path, write)


def append_line(path: Path | str, text: str) -> None:
    """Append one line to a file, by a single write, and flush it to disk before returning.

    A line left torn by an earlier crash is ended first, so it doesn't swallow this one.
    """
    if "\n" in text:
        raise ValueError(f"Expected a single line. Received: {text!r}.")
    with open(path, "ab+", buffering=0) as file:
        torn = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        line = (("\n" if torn else "") + text + "\n").encode()
        if file.write(line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows can't open folders, and its rename is durable by itself.
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
