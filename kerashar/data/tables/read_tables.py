"""Reading recordings out of tables of any size."""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kerashar.data.label_segments import label_segments
from kerashar.data.recording import Recording
from kerashar.data.resampling import resample
from kerashar.data.segment import Segment
from kerashar.data.tables.acceleration_unit import acceleration_unit
from kerashar.data.tables.column_names import triples
from kerashar.data.tables.guess_layout import BY_GRAVITY, check_rate
from kerashar.data.tables.header import read_headers
from kerashar.data.tables.row_sorter import CHANNELS, LABEL, TIME, RowSorter
from kerashar.data.tables.subject_names import subject_from
from kerashar.data.tables.table_files import table_files
from kerashar.data.tables.table_layout import FROM_FILE, FROM_FOLDER, TableLayout
from kerashar.data.tables.time_stamps import measured_rate
from kerashar.data.unlabelled import UNLABELLED

_ENOUGH = 10  # samples to tell a rate from
_ENOUGH_FOR_UNITS = 10_000  # samples to tell a unit from


def read_tables(
    source: Path | str,
    layout: TableLayout,
    *,
    max_gap: float = 0.5,
    change_rate: bool = False,
    scratch: Path | str | None = None,
) -> Iterator[Recording]:
    """Read recordings out of a CSV or Parquet file, or a folder of them.

    Use it with the layout that `guess_layout` found, to work on your recordings without storing them;
    `import_recordings` stores them. A table is sorted into its recordings on disk, so memory holds the longest
    recording and not the table. A recording with gaps comes in parts, numbered "-1", "-2" and so on.

    Args:
        source: a CSV or Parquet file, or a folder of such files with the same columns.
        layout: what the columns mean.
        max_gap: seconds without a sample that are bridged; a recording is parted at longer gaps.
        change_rate: whether stamps may have another rate than `layout.rate`.
        scratch: folder with space for the rows of a table; None takes the system's for temporary files.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a table is damaged, or doesn't fit the layout; the message names the file and line.
        OSError: the disk is full.

    Example:
        >>> layout = guess_layout("recordings.csv")  # doctest: +SKIP
        >>> [recording.subject for recording in read_tables("recordings.csv", layout)]  # doctest: +SKIP
        ['03', '05']
    """
    if not (math.isfinite(max_gap) and max_gap > 0):
        raise ValueError(f"Expected max_gap above 0 s. Received: max_gap={max_gap}.")
    source = Path(source)
    files = table_files(source)
    headers = read_headers(files, layout.separator)
    if set(headers[files[0]].columns) != set(layout.columns):
        raise ValueError(f"Expected the columns {layout.columns}. Received: {headers[files[0]].columns} in {files[0]}.")
    for path in files:
        subject = None
        if layout.subject in (FROM_FILE, FROM_FOLDER):
            subject = subject_from(layout.subject, source, path, numbered=False)
        prefix = path.relative_to(source).with_suffix("").as_posix() if len(files) > 1 else ""
        with tempfile.TemporaryDirectory(dir=scratch, prefix="rows-") as folder:
            rows_of = RowSorter(path, headers[path], layout, Path(folder))
            rows_of.sort()
            for person, session, rows in rows_of.recordings():
                recording_id = "/".join(part for part in (prefix, person, session) if part) or path.stem
                found = measured_rate(np.diff(rows[:, TIME]))
                if found is not None and len(rows) >= _ENOUGH:
                    check_rate(found, layout.rate, f"recording {recording_id!r} of {path}", change_rate)
                _check_acceleration(rows, layout, f"recording {recording_id!r} of {path}")
                yield from _parts(rows, rows_of, subject or person, recording_id, max_gap)


def _check_acceleration(rows: np.ndarray, layout: TableLayout, where: str) -> None:
    """Refuse a recording of another unit than the one that was guessed from others."""
    places = {column: place for place, column in enumerate(layout.channels, CHANNELS)}
    for _, axes in triples(layout.channels):
        column = axes["x"]
        unit = layout.units[places[column] - CHANNELS]
        if not layout.reasons.get(f"unit of {layout.channels[column]}", "").startswith(BY_GRAVITY):
            continue
        vectors = rows[:_ENOUGH_FOR_UNITS, [places[one] for one in axes.values()]]
        found = acceleration_unit(np.linalg.norm(vectors, axis=1))
        if found not in (None, unit):
            raise ValueError(
                f"Expected acceleration in {unit} in {where}. Received: values as in {found}. Bring all to one unit."
            )


def _parts(
    rows: np.ndarray, rows_of: RowSorter, subject: str, recording_id: str, max_gap: float
) -> Iterator[Recording]:
    layout, labels = rows_of.layout, rows_of.labels
    stretches = resample(rows[:, TIME], rows[:, CHANNELS:], layout.rate, max_gap=max_gap)
    for number, stretch in enumerate(stretches, 1):
        codes = rows[stretch.rows, LABEL].astype(int)
        names = np.array([*labels, ""])[codes]  # -1 is no label
        whole = (Segment(UNLABELLED, 0, len(stretch.signal)),)
        yield Recording(
            signal=stretch.signal,
            rate=layout.rate,
            channels=tuple(layout.channels.values()),
            units=layout.units,
            subject=subject,
            recording_id=recording_id if len(stretches) == 1 else f"{recording_id}-{number}",
            segments=whole if layout.label is None else label_segments(names),
            start=rows_of.first_time + stretch.start,
        )
