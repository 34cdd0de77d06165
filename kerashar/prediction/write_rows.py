"""Rows as a file that people and other programs read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerashar.files import write_atomically, write_csv
from kerashar.names import unknown_name

SUFFIXES = (".csv", ".jsonl", ".parquet")


def write_rows(path: Path | str, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of the same keys as CSV, JSON lines or Parquet, by the file's suffix, atomically; at least one row.

    Raises:
        ValueError: another suffix.
    """
    path = Path(path)
    if path.suffix == ".csv":
        write_csv(path, rows)
    elif path.suffix == ".jsonl":
        text = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
        write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    elif path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        write_atomically(path, lambda temporary: pq.write_table(pa.Table.from_pylist(list(rows)), temporary))
    else:
        raise unknown_name("suffix of a table", path.suffix, SUFFIXES)
