"""Reading a CSV table of file names and labels."""

import csv
import math
import posixpath
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LabelTable:
    """What a CSV table says about files: a class or a number of each, and perhaps a group.

    Args:
        path: the table.
        columns: all columns by name; the file names are in one of them.
        labels: the classes, row by row; empty where there are targets.
        targets: the numbers, row by row, or None.
        groups: what each file comes from, row by row, or None.
    """

    path: Path
    columns: dict[str, list[str]]
    labels: list[str]
    targets: list[float] | None
    groups: list[str] | None

    def match(self, paths: list[str], names: list[str], source: Path) -> list[int]:
        """The row of each file, whether the table has its path, its name or the last part of it.

        Raises:
            ValueError: a file isn't in the table, or a row has no file or the same as another.
        """
        last_parts = [posixpath.basename(name) for name in names]
        # Where two folders hold files of one name, the last part doesn't say which file is meant.
        writings = [paths, names, *([last_parts] if len(set(last_parts)) == len(last_parts) else [])]
        column, written = max(
            ((values, spelled) for values in self.columns.values() for spelled in writings),
            key=lambda pair: len(set(pair[0]) & set(pair[1])),
        )
        name, count = Counter(column).most_common(1)[0]
        there = set(written)
        if missing := [one for one in column if one not in there]:
            raise ValueError(
                f"Expected every file that {self.path} names in {source}. "
                f"Received: {len(missing)} missing, first {missing[0]!r} (line {column.index(missing[0]) + 2})."
            )
        if count > 1:
            raise ValueError(f"Expected each file once in {self.path}. Received: {name!r} {count} times.")
        rows = {one: row for row, one in enumerate(column)}
        if unlisted := [one for one in written if one not in rows]:
            raise ValueError(
                f"Expected every image of {source} in {self.path}. "
                f"Received: {len(unlisted)} without a row, first {unlisted[0]!r}."
            )
        return [rows[one] for one in written]


def read_label_table(
    path: Path | str, label: str | None = None, target: str | None = None, group: str | None = None
) -> LabelTable:
    """Read a CSV table (commas, UTF-8, with a header) of file names and labels; see `find_images`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a column or value is missing, or it isn't clear which column is meant, and as what.

    Example:
        >>> import tempfile
        >>> table = Path(tempfile.mkdtemp()) / "labels.csv"
        >>> _ = table.write_text("name,kind\\n1.jpg,cat\\n2.jpg,dog\\n")
        >>> read_label_table(table).labels
        ['cat', 'dog']
    """
    path = Path(path)
    columns = _read_columns(path)
    if label and target:
        raise ValueError(f"Expected label=... or target=.... Received: both, {label!r} and {target!r}.")
    for asked in (label, target, group):
        if asked and asked not in columns:
            raise ValueError(f"Expected a column among {list(columns)} of {path}. Received: {asked!r}.")
    chosen = label or target or _only_other_column(path, columns, group)
    values = columns[chosen]
    if not label and not target and all(map(_is_number, values)):
        raise ValueError(
            f"Expected to be told what the numbers in column {chosen!r} of {path} are. Received: neither. "
            f"Give label={chosen!r} for classes or target={chosen!r} for a quantity "
            "(on the command line --label or --target)."
        )
    for asked in (chosen, *([group] if group else [])):
        if "" in columns[asked]:
            line = columns[asked].index("") + 2
            raise ValueError(f"Expected a value in column {asked!r} of {path}. Received: nothing in line {line}.")
    if target:
        for line, value in enumerate(values, start=2):
            if not _is_number(value):
                raise ValueError(
                    f"Expected finite numbers in column {chosen!r} of {path}. Received: {value!r} in line {line}."
                )
    targets = [float(value) for value in values] if target else None
    return LabelTable(path, columns, [] if target else values, targets, columns[group] if group else None)


def _read_columns(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        raise FileNotFoundError(f"Expected a CSV table of names and labels. Received: no file at {path}.")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [row for row in csv.reader(file, strict=True) if row] or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"Expected {path} to be CSV in UTF-8. Received: {error}.") from error
    header = [name.strip() for name in header]
    if len(header) < 2 or len(set(header)) < len(header) or not rows:
        raise ValueError(
            f"Expected a header of different columns, a name and a label, separated by commas, and rows in {path}. "
            f"Received: header {header}, {len(rows)} rows."
        )
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(
                f"Expected {len(header)} values in each row of {path}. Received: {len(row)} in line {line}."
            )
    return {name: [row[number].strip() for row in rows] for number, name in enumerate(header)}


def _only_other_column(path: Path, columns: dict[str, list[str]], group: str | None) -> str:
    others = [name for name in list(columns)[1:] if name != group]
    if len(others) != 1:
        raise ValueError(
            f"Expected to be told which column of {path} holds the labels. Received: {list(columns)}. "
            "Give label=... or target=... (on the command line --label or --target)."
        )
    return others[0]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
