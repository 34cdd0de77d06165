"""Files of run folders, read without Keras."""

import csv
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_atomically
from kerashar.runs.run import Curve

TEMPORARY = re.compile(r"\..+\.\d+\.part(\.\w+)?")  # what `write_atomically` leaves of a writer that was killed


class DamagedFileError(ValueError):
    """A file of a run that is not as it was written; its text says which and how."""


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DamagedFileError(f"{path.name} is missing") from None
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path.name} is no whole JSON: {error}") from error
    if not isinstance(found, dict):
        raise DamagedFileError(f"{path.name} holds a {type(found).__name__}")
    return found


def read_history(path: Path) -> Curve:
    """The epochs of a `history.csv`."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    except FileNotFoundError:
        raise DamagedFileError(f"{path.name} is missing") from None
    except (ValueError, TypeError, csv.Error) as error:
        raise DamagedFileError(f"{path.name}: {error}") from error
    if not rows or not all("val_loss" in row for row in rows):
        raise DamagedFileError(f"{path.name} lacks epochs")
    return rows


def check_model(path: Path) -> None:
    """Refuse a model's file that is missing or has lost its end; what is in it nobody looks at."""
    if not path.exists():
        raise DamagedFileError(f"{path.name} is missing")
    if not zipfile.is_zipfile(path):
        raise DamagedFileError(f"{path.name} is no whole model")


def tree(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All files below a folder; links are not followed, and are none of them."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                if not path.is_symlink():
                    yield path, path.lstat()
            except FileNotFoundError:  # taken away meanwhile, as temporary files are
                continue


# === Checkpoints ===


def checkpoint_state(path: Path) -> dict[str, Any]:
    """What a checkpoint says besides weights: its fingerprint, history, best epoch, and whether it stopped."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return json.loads(archive["state"].tobytes())
    except (ValueError, TypeError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise DamagedFileError(f"{path.name} is no whole checkpoint: {error}") from error


def spare_bytes(path: Path) -> int:
    """How many bytes of a checkpoint nobody needs: those of what a run that has ended would go on with."""
    state = checkpoint_state(path)
    try:
        ended = state["stopped"] or len(state["history"]) >= state["fingerprint"]["recipe"]["epochs"]
    except (KeyError, TypeError) as error:
        raise DamagedFileError(f"{path.name} lacks what a training writes: {error!r}") from error
    if not ended or state.get("shrunk"):
        return 0
    with zipfile.ZipFile(path) as archive:
        parts = [part for part in archive.infolist() if not part.filename.startswith(("best/", "state"))]
    return sum(part.compress_size for part in parts)


def shrink_checkpoint(path: Path) -> None:
    """Leave a checkpoint its state and the best weights: by them `train` knows a finished run and reads it again."""
    before = path.stat()
    state = {**checkpoint_state(path), "shrunk": True}
    with np.load(path, allow_pickle=False) as archive:
        kept = {name: archive[name] for name in archive.files if name.startswith("best/")}
    kept["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    write_atomically(path, lambda temporary: np.savez(temporary, **kept))  # pyright: ignore[reportArgumentType]
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # the run has written nothing
