"""Sorting the rows of a table into its recordings, on disk."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kerashar.data.progress import show_progress
from kerashar.data.tables.header import Header
from kerashar.data.tables.naming_the_file import naming_the_file
from kerashar.data.tables.table_layout import SECONDS, TableLayout
from kerashar.data.tables.table_rows import BLOCK, read_rows

TIME, LABEL, CHANNELS = 0, 1, 2  # columns of the sorted rows; the channels are the last ones
_LARGEST = np.finfo(np.float32).max
# More than a study has; a column of numbers or notes taken by mistake for one of them soon has as many.
_MOST_LABELS, _MOST_RECORDINGS = 1000, 20_000


class RowSorter:
    """Sorts the rows of one table into its recordings, each in a file of float64, so that memory stays small.

    Args:
        path: the table.
        header: its header.
        layout: what its columns mean.
        folder: an empty folder for the sorted rows.
    """

    def __init__(self, path: Path, header: Header, layout: TableLayout, folder: Path) -> None:
        self.path, self.header, self.layout, self.folder = path, header, layout, folder
        self._labels, self._subjects, self._sessions = _Numbering(), _Numbering(), _Numbering()
        self._files: dict[tuple[int, int], Path] = {}
        self._ends: dict[tuple[int, int], float] = {}  # the last stamp of each recording, or its count of samples
        self._first_stamp: float | int | None = None
        self._blank: int | None = None  # the first row without any value
        self._rows = 0
        self._missing = np.zeros(len(layout.channels), int)

    @property
    def labels(self) -> list[str]:
        """The labels by number."""
        return list(self._labels)

    @property
    def first_time(self) -> float:
        """The table's first stamp in seconds, from which those of `recordings` are counted; 0 without stamps."""
        return 0.0 if self._first_stamp is None else float(self._first_stamp) * SECONDS[self.layout.time_unit]

    def sort(self) -> None:
        """Read the table once and write its rows out by recording.

        Raises:
            ValueError: something in the table isn't as the layout has it; the message names the line.
        """
        blocks = self.path.stat().st_size // BLOCK + 1 if self.header.separator is not None else None
        batches = read_rows(self.path, self.header, self.layout)
        first = 0
        for batch in show_progress(batches, f"Reading {self.path.name}", blocks, sys.stderr):
            self._sort(batch, first)
            first += batch.num_rows
        if not self._rows:
            raise ValueError(f"Expected rows under the header of {self.path}. Received: none.")
        for column, missing in zip(self.layout.channels, self._missing.tolist(), strict=True):
            if missing > self._rows / 2:
                raise ValueError(
                    f"Expected a value in most rows of column {column!r} in {self.path}. Received: {missing} of "
                    f"{self._rows} missing. Choose channels of one rate with --channel."
                )

    def recordings(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Each recording's subject and session ("" without such a column) and rows, in order of appearance.

        Rows are `(time, 2 + channels)`: seconds from the table's first stamp, the label's number or -1, the channels.
        """
        subjects, sessions = list(self._subjects), list(self._sessions)
        for (subject, session), file in self._files.items():
            rows = np.fromfile(file).reshape(-1, CHANNELS + len(self.layout.channels))
            file.unlink()
            yield subjects[subject] if subjects else "", sessions[session] if sessions else "", rows

    def _sort(self, batch: pa.RecordBatch, first: int) -> None:
        present = np.zeros(batch.num_rows, bool)
        for column in batch.columns:
            present |= column.is_valid().to_numpy(zero_copy_only=False)
        places = first + np.flatnonzero(present)
        self._check_blank(present, first)
        batch = batch.filter(pa.array(present))
        if not batch.num_rows:
            return
        rows = np.empty((batch.num_rows, CHANNELS + len(self.layout.channels)))
        for number, column in enumerate(self.layout.channels, CHANNELS):
            rows[:, number] = batch.column(column).to_numpy(zero_copy_only=False)
            beyond = np.abs(rows[:, number]) > _LARGEST
            self._refuse(beyond, places, f"a finite float32 in column {column!r}", "infinity or nearly so")
        label = self.layout.label
        rows[:, LABEL] = -1 if label is None else self._labels.encode(batch.column(label))
        if self.layout.time is not None:
            rows[:, TIME] = self._seconds(batch.column(self.layout.time), places)
        self._missing += np.isnan(rows[:, CHANNELS:]).sum(axis=0)
        self._rows += len(rows)
        subjects = self._number(self._subjects, self.layout.subject, batch, places)
        sessions = self._number(self._sessions, self.layout.recording, batch, places)
        self._check_counts()
        order = np.lexsort((sessions, subjects))  # keeps the order inside each recording
        changes = np.flatnonzero(np.diff(subjects[order]) | np.diff(sessions[order])) + 1
        parts = np.split(order, changes)
        for part in sorted(parts, key=lambda part: part[0]):
            self._append((int(subjects[part[0]]), int(sessions[part[0]])), rows[part], places[part])

    def _append(self, key: tuple[int, int], rows: np.ndarray, places: np.ndarray) -> None:
        if self.layout.time is None:
            count = int(self._ends.get(key, 0))
            rows[:, TIME] = np.arange(count, count + len(rows)) / self.layout.rate
            self._ends[key] = count + len(rows)
        else:
            last = self._ends.get(key, float(rows[0, TIME]))
            back = np.diff(rows[:, TIME], prepend=last) < 0
            self._refuse(
                back, places, "stamps that go on in a recording", "one that jumps back",
                " Sort the rows, or tell recordings apart with --recording."
            )  # fmt: skip
            self._ends[key] = rows[-1, TIME]
        path = self._files.setdefault(key, self.folder / f"{len(self._files):06}")
        if len(self._files) > _MOST_RECORDINGS:
            raise ValueError(
                f"Expected at most {_MOST_RECORDINGS} recordings in {self.path}. Received: more, by the columns "
                f"{self.layout.subject!r} and {self.layout.recording!r}. Choose others with --subject and --recording."
            )
        with naming_the_file(path), open(path, "ab") as file:
            file.write(rows.data)

    def _seconds(self, column: pa.Array, places: np.ndarray) -> np.ndarray:
        """Seconds from the first stamp, which is taken off first because stamps since 1970 have many digits."""
        self._refuse(column.is_null().to_numpy(zero_copy_only=False), places, "a time", "an empty cell")
        if pa.types.is_timestamp(column.type):
            stamps = pc.cast(column, pa.int64()).to_numpy()
        else:
            stamps = column.to_numpy()
            self._refuse(~np.isfinite(stamps), places, "a finite time", "another number")
        if self._first_stamp is None:
            self._first_stamp = stamps[0]
        return (stamps - self._first_stamp) * SECONDS[self.layout.time_unit]

    def _number(
        self, numbering: "_Numbering", column: str | None, batch: pa.RecordBatch, places: np.ndarray
    ) -> np.ndarray:
        if column is None or column not in self.layout.columns:
            return np.zeros(batch.num_rows, int)
        numbers = numbering.encode(batch.column(column))
        self._refuse(numbers < 0, places, f"a value in column {column!r}", "an empty cell")
        return numbers

    def _check_blank(self, present: np.ndarray, first: int) -> None:
        """Without stamps nobody can tell whether an empty line stands for a sample, unless it is at the end."""
        if self.layout.time is not None:
            return
        if self._blank is None and not present.all():
            self._blank = first + int(np.argmin(present))
        filled = np.flatnonzero(present)
        if self._blank is not None and len(filled) and first + filled[-1] > self._blank:
            raise ValueError(
                f"Expected no empty row between regular samples. Received: one in "
                f"{self.header.place(self.path, self._blank)}. Remove it, or give a column of time."
            )

    def _check_counts(self) -> None:
        if len(self._labels) > _MOST_LABELS:
            raise ValueError(
                f"Expected at most {_MOST_LABELS} different labels in {self.path}. Received: more in column "
                f"{self.layout.label!r}. Choose the column with --label."
            )

    def _refuse(self, bad: np.ndarray, places: np.ndarray, expected: str, received: str, hint: str = "") -> None:
        if bad.any():
            where = self.header.place(self.path, int(places[np.argmax(bad)]))
            raise ValueError(f"Expected {expected}. Received: {received} in {where}.{hint or ' Correct it.'}")


class _Numbering(dict[str, int]):
    """Numbers texts in the order in which they come; a missing one is -1."""

    def encode(self, column: pa.Array) -> np.ndarray:
        encoded = column.dictionary_encode()
        # "1.0" is how a whole number is written that shares its column with missing ones.
        texts = [re.sub(r"^(-?\d+)\.0+$", r"\1", text.strip()) for text in encoded.dictionary.to_pylist()]
        numbers = np.array([self.setdefault(text, len(self)) if text else -1 for text in texts] + [-1])
        return numbers[encoded.indices.fill_null(len(texts)).to_numpy()]
