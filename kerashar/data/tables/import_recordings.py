"""Storing one's own recordings as a data set."""

import hashlib
import math
import os
import re
import shutil
import sys
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from kerashar.data.cache import cache_folder
from kerashar.data.checks import check_overlap
from kerashar.data.images.known_images import KNOWN_IMAGES
from kerashar.data.imported import DATA_SET_FILE, FEWEST_SUBJECTS, FORMAT, IMPORTED, VERSION, signal_file
from kerashar.data.known import KNOWN
from kerashar.data.progress import show_progress
from kerashar.data.recording import Recording
from kerashar.data.tables.naming_the_file import naming_the_file
from kerashar.data.tables.read_tables import read_tables
from kerashar.data.tables.table_files import table_files
from kerashar.data.tables.table_layout import TableLayout
from kerashar.files import write_json
from kerashar.names import in_counting_order, unknown_name

_TEST_SHARE, _TEST_SEED = 0.2, 0
_LOCK = ".lock"
_OURS = re.compile(r"signals-[0-9a-f]{32}$|\.lock$|\.data_set\.")  # in a folder without a data set


def import_recordings(
    source: Path | str,
    layout: TableLayout,
    *,
    name: str,
    window_seconds: float = 2.56,
    overlap: float = 0.5,
    test_subjects: Collection[str] = (),
    drop: Collection[str] = (),
    max_gap: float = 0.5,
    change_rate: bool = False,
    out: Path | str | None = None,
    replace: bool = False,
) -> Path:
    """Store recordings from tables as a data set, which `load_split(name)` and the command line take.

    Use it once per version of your data. The folder holds `data_set.json` and one `.npy` file per recording; it is
    written whole or not at all, and nothing in it is code.

    Args:
        source: a CSV or Parquet file, or a folder of such files with the same columns.
        layout: what the columns mean, from `guess_layout`.
        name: of the data set: letters, digits, "-", "_" and ".".
        window_seconds: length of a window.
        overlap: share of a window that the next one repeats, from 0 to below 1.
        test_subjects: who is kept for the test; none draws a fifth of the subjects, the same ones every time.
        drop: labels that aren't classified.
        max_gap: seconds without a sample that are bridged; a recording is parted at longer gaps.
        change_rate: whether stamps may have another rate than `layout.rate`.
        out: the folder to write; None takes one in the cache, where the name is enough to find it.
        replace: whether a data set that is there may be replaced.

    Returns:
        The folder.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a table is damaged, an argument is out of its range, or the name is taken.
        OSError: the disk is full.

    Example:
        >>> layout = guess_layout("recordings.csv")  # doctest: +SKIP
        >>> import_recordings("recordings.csv", layout, name="mine").name  # doctest: +SKIP
        'mine'
        >>> load_split("mine").train.channels  # doctest: +SKIP
        ('acceleration_x', 'acceleration_y', 'acceleration_z')
    """
    if not (math.isfinite(window_seconds) and round(window_seconds * layout.rate) >= 1):
        raise ValueError(f"Expected windows of a sample or more. Received: window_seconds={window_seconds}.")
    check_overlap(overlap)
    source, folder = Path(source), check_target(name, out, replace)
    files = _fingerprints(source)
    folder.mkdir(parents=True, exist_ok=True)
    signals = folder / f"signals-{uuid.uuid4().hex}"
    try:
        with FileLock(folder / _LOCK, timeout=0):
            signals.mkdir()
            found = read_tables(source, layout, max_gap=max_gap, change_rate=change_rate, scratch=signals)
            recordings = _store(found, signals)
            facts = {
                "format": FORMAT,
                "version": VERSION,
                "name": name,
                "source": str(source),
                "files": files,
                "layout": layout.to_json(),
                "max_gap": max_gap,
                "window_seconds": window_seconds,
                "overlap": overlap,
                "rate": layout.rate,
                "channels": list(layout.channels.values()),
                "units": list(layout.units),
                **_classes_and_subjects(recordings, round(window_seconds * layout.rate), drop, test_subjects),
                "signals": signals.name,
                "recordings": recordings,
            }
            # The folder is a data set from the moment at which this file stands in it.
            with naming_the_file(folder / DATA_SET_FILE):
                write_json(folder / DATA_SET_FILE, facts)
            for other in folder.glob("signals-*"):  # of the data set that was replaced, or of a killed import
                if other != signals:
                    shutil.rmtree(other)
    except Timeout:
        raise ValueError(f"Expected one import into {folder} at a time. Received: another is under way.") from None
    except BaseException:
        shutil.rmtree(signals, ignore_errors=True)
        if {path.name for path in folder.iterdir()} <= {_LOCK}:
            shutil.rmtree(folder)
        raise
    return folder


def _fingerprints(source: Path) -> list[dict[str, str]]:
    """The tables by name with their SHA-256; one that is there twice would be measured twice, too."""
    names: dict[str, str] = {}
    tables = table_files(source)
    for path in show_progress(tables, "Taking fingerprints", len(tables), sys.stderr):
        name = path.relative_to(source).as_posix() if path != source else path.name
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest in names:
            raise ValueError(f"Expected different tables. Received: {name} and {names[digest]} in {source}, the same.")
        names[digest] = name
    return [{"name": name, "sha256": digest} for digest, name in names.items()]


def check_target(name: str, out: Path | str | None, replace: bool) -> Path:
    """The folder that an import would write, if it is free."""
    taken = {**KNOWN, **KNOWN_IMAGES}
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", name) or name in taken:
        raise ValueError(
            f"Expected a name of letters, digits, '-', '_' and '.', none of {', '.join(taken)}. Received: {name!r}."
        )
    folder = Path(out) if out is not None else cache_folder() / IMPORTED / name
    if (folder / DATA_SET_FILE).exists():
        if not replace:
            raise ValueError(f"Expected a new name. Received: {folder}, a data set already. Replace it by --replace.")
        return folder
    # What a killed import left is taken over, and nothing else.
    if folder.exists() and not (folder.is_dir() and all(_OURS.match(path.name) for path in folder.iterdir())):
        raise ValueError(f"Expected an empty folder or a data set. Received: {folder}, with something else in it.")
    return folder


def _store(recordings: Iterable[Recording], folder: Path) -> list[dict[str, Any]]:
    """Write each signal to a file numbered by its place, and return what else is known of the recordings."""
    stored, seen = [], set()
    for number, recording in enumerate(recordings):
        if recording.recording_id in seen:
            raise ValueError(
                f"Expected recordings that can be told apart. Received: two of the name {recording.recording_id!r}. "
                "Rename one in the column of recordings, or its file."
            )
        seen.add(recording.recording_id)
        path = folder / signal_file(number)
        with naming_the_file(path), open(path, "wb") as file:
            # As np.save does, which however doesn't say why a write failed.
            signal = np.ascontiguousarray(recording.signal)
            np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(signal))
            file.write(signal.data)
            file.flush()
            os.fsync(file.fileno())
        stored.append(
            {
                "recording_id": recording.recording_id,
                "subject": recording.subject,
                "samples": len(recording.signal),
                "segments": [[segment.label, segment.start, segment.stop] for segment in recording.segments],
            }
        )
    if not stored:
        raise ValueError("Expected a recording of two samples or more. Received: none between the gaps.")
    return stored


def _classes_and_subjects(
    recordings: list[dict[str, Any]], length: int, drop: Collection[str], test_subjects: Collection[str]
) -> dict[str, list[str]]:
    """Classes and subjects in order; test subjects are drawn from those with a window of `length` samples."""
    labels = {label for recording in recordings for label, _, _ in recording["segments"]}
    for label in drop:
        if label not in labels:
            raise unknown_name("label to drop", label, labels)
    longest: dict[str, int] = {}
    for recording in recordings:
        kept = [stop - start for label, start, stop in recording["segments"] if label not in drop]
        longest[recording["subject"]] = max([longest.get(recording["subject"], 0), *kept])
    if max(longest.values()) < length:
        raise ValueError(
            f"Expected a labelled stretch as long as a window, {length} samples. Received: {max(longest.values())} "
            "samples in the longest. Shorten --window, or check --label."
        )
    for subject in test_subjects:
        if subject not in longest:
            raise unknown_name("test subject", subject, longest)
    with_windows = in_counting_order(subject for subject, samples in longest.items() if samples >= length)
    if not test_subjects and len(with_windows) >= FEWEST_SUBJECTS:
        count = max(1, round(_TEST_SHARE * len(with_windows)))
        test_subjects = np.random.default_rng(_TEST_SEED).permutation(with_windows)[:count].tolist()
    return {
        "class_names": in_counting_order(labels - set(drop)),
        "dropped_labels": in_counting_order(drop),
        "subjects": in_counting_order(longest),
        "test_subjects": in_counting_order(test_subjects),
    }
