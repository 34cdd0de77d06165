"""Data sets that were imported into a folder."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.data.cache import cache_folder
from kerashar.data.data_set import DataSet
from kerashar.data.recording import Recording
from kerashar.data.segment import Segment

DATA_SET_FILE = "data_set.json"
FORMAT, VERSION = "kerashar data set", 1
IMPORTED = "imported"  # the folder in the cache
FEWEST_SUBJECTS = 3  # one each to train, to validate and to test


def imported_folder(name: Path | str, cache: Path | str | None = None) -> Path | None:
    """The folder of an imported data set, by its name in the cache or its path; None if there is no such folder.

    Example:
        >>> imported_folder("no/such/folder") is None
        True
    """
    for folder in (cache_folder(cache) / IMPORTED / name, Path(name)):
        if folder.is_dir():
            return folder
    return None


def list_imported(cache: Path | str | None = None) -> list[str]:
    """Names of the imported data sets in the cache.

    Example:
        >>> list_imported("no/such/folder")
        []
    """
    return sorted(path.parent.name for path in (cache_folder(cache) / IMPORTED).glob(f"*/{DATA_SET_FILE}"))


def load_imported(folder: Path | str) -> DataSet:
    """The data set in a folder that `import_recordings` wrote; its recordings are read when they are asked for.

    Raises:
        FileNotFoundError: the folder is no data set.
        ValueError: its `data_set.json` is damaged, or of a newer version.
    """
    path = Path(folder) / DATA_SET_FILE
    if not path.is_file():
        raise FileNotFoundError(f"No data set in {folder}: {DATA_SET_FILE} is missing. Import it again.")
    try:
        facts = json.loads(path.read_bytes())
    except ValueError as error:  # not JSON, or not UTF-8
        raise _damaged(path, f"no JSON: {error}") from error
    except RecursionError as error:
        raise _damaged(path, "JSON of countless levels") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise _damaged(path, "another file")
    if facts.get("version") != VERSION:
        raise ValueError(
            f"Expected {path} of version {VERSION}. Received: version {facts.get('version')!r}. "
            "Import it again, or update kerashar."
        )
    try:
        _check(facts)
    except (KeyError, TypeError) as error:
        raise _damaged(path, f"no valid {error}") from error
    return DataSet(
        name=facts["name"],
        title=f"Own recordings from {Path(facts['source']).name}",
        citation="not stated",
        licence="not stated",
        url="not stated",
        placement="not stated",
        class_names=tuple(facts["class_names"]),
        dropped_labels=tuple(facts["dropped_labels"]),
        window_seconds=float(facts["window_seconds"]),
        overlap=float(facts["overlap"]),
        rate=float(facts["rate"]),
        subjects=tuple(facts["subjects"]),
        test_subjects=tuple(facts["test_subjects"]),
        recordings=functools.partial(_recordings, Path(folder), facts),
    )


def signal_file(number: int) -> str:
    """The name of the file of the recording of that number."""
    return f"{number:06}.npy"


def _recordings(
    folder: Path, facts: dict[str, Any], archive: Path | str | None = None, cache: Path | str | None = None
) -> Iterator[Recording]:
    if archive is not None:
        raise ValueError(f"Expected no archive, since {folder} holds the recordings. Received: {archive}.")
    channels, units = tuple(facts["channels"]), tuple(facts["units"])
    for number, known in enumerate(facts["recordings"]):
        path = folder / facts["signals"] / signal_file(number)
        if not path.is_file():
            raise FileNotFoundError(f"No {path}, the recording {known['recording_id']!r}. Import the data set again.")
        try:
            signal = np.lib.format.open_memmap(path, mode="r")  # which refuses pickled objects
        except (ValueError, EOFError, SyntaxError) as error:
            raise _damaged(path, f"no array: {error}") from error
        shape = known["samples"], len(channels)
        if signal.shape != shape or signal.dtype != np.float32:
            raise _damaged(path, f"{signal.shape} of {signal.dtype} instead of {shape} of float32")
        yield Recording(
            signal=signal,
            rate=float(facts["rate"]),
            channels=channels,
            units=units,
            subject=known["subject"],
            recording_id=known["recording_id"],
            segments=tuple(Segment(*segment) for segment in known["segments"]),
        )


def _check(facts: dict[str, Any]) -> None:
    """Raise KeyError or TypeError with the name of what isn't as `import_recordings` writes it."""
    for name in ("name", "source", "signals"):
        _expect(isinstance(facts[name], str), name)
    _expect(re.fullmatch(r"signals-[0-9a-f]{32}", facts["signals"]), "signals")  # a folder in here and no other
    for name in ("window_seconds", "overlap", "rate"):
        _expect(isinstance(facts[name], int | float) and not isinstance(facts[name], bool), name)
    _expect(0 <= facts["overlap"] < 1 and 0 < facts["window_seconds"] < 1e9 and 0 < facts["rate"] < 1e9, "number")
    for name in ("class_names", "dropped_labels", "subjects", "test_subjects", "channels", "units"):
        _expect(isinstance(facts[name], list) and all(isinstance(one, str) for one in facts[name]), name)
    _expect(isinstance(facts["recordings"], list), "recordings")
    for known in facts["recordings"]:
        _expect(isinstance(known, dict), "recordings")
        _expect(isinstance(known["subject"], str) and isinstance(known["recording_id"], str), "recordings")
        _expect(_is_count(known["samples"]) and isinstance(known["segments"], list), "recordings")
        for segment in known["segments"]:
            _expect(isinstance(segment, list) and len(segment) == 3 and isinstance(segment[0], str), "segments")
            _expect(_is_count(segment[1]) and _is_count(segment[2]), "segments")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _expect(holds: object, name: str) -> None:
    if not holds:
        raise TypeError(repr(name))


def _damaged(path: Path, what: str) -> ValueError:
    return ValueError(f"Expected {path} as the import wrote it. Received: {what}. Import the data set again.")
