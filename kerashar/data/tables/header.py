"""The columns of a table, and how its cells are told apart."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pa_parquet

from kerashar.data.tables.naming_the_file import naming_the_table

_HEAD = 2**16  # bytes in which a header and the first lines are looked for
_SEPARATORS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"\s*[-+]?[\d.,]+(e[-+]?\d+)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The columns of a table, and how its cells are told apart.

    Args:
        columns: the names; "" for a column without.
        separator: what stands between the cells of a CSV file; None for Parquet.
        line: the line of the names in a CSV file, counted from 1; 0 for Parquet.

    Example:
        >>> Header(("t", "", "ax"), ",", 1).place(Path("walk.csv"), 0)
        'walk.csv, line 2'
    """

    columns: tuple[str, ...]
    separator: str | None
    line: int

    def place(self, path: Path, row: int) -> str:
        """Where a row, counted from 0, is found in its file."""
        return f"{path}, row {row + 1}" if self.separator is None else f"{path}, line {self.line + 1 + row}"

    def unique_columns(self) -> list[str]:
        """The names; a column without gets one that no other has."""
        return [name or f"\0{number}" for number, name in enumerate(self.columns)]


def read_headers(files: list[Path], separator: str | None = None) -> dict[Path, Header]:
    """The header of each table; all have the same columns, in any order."""
    headers = {path: read_header(path, separator) for path in files}

    def layout(path: Path) -> tuple[frozenset[str], str | None]:
        return frozenset(headers[path].columns), headers[path].separator

    counts = Counter(map(layout, files))
    usual = counts.most_common(1)[0][0]
    for path in files:
        if layout(path) != usual:
            columns, between = usual
            raise ValueError(
                f"Expected tables with the same columns: {sorted(columns)}, separator {between!r}, as in "
                f"{counts[usual]} of {len(files)}. Received: {path} with {sorted(headers[path].columns)}, "
                f"separator {headers[path].separator!r}. Import it by itself."
            )
    return headers


def read_header(path: Path, separator: str | None = None) -> Header:
    """The header of a table; `separator` None finds it out."""
    if path.suffix.lower() == ".parquet":
        with naming_the_table(path):
            header = Header(tuple(pa_parquet.read_schema(path).names), None, 0)
    else:
        header = _csv_header(path, separator)
    named = [name for name in header.columns if name]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise ValueError(f"Expected each column name once in {path}. Received: {twice} twice. Rename one.")
    return header


def _csv_header(path: Path, separator: str | None) -> Header:
    with open(path, "rb") as file:
        head = file.read(_HEAD)
        whole = not file.read(1)
    if b"\0" in head:
        raise ValueError(f"Expected text in UTF-8 in {path}. Received: NUL bytes. Save it as CSV in UTF-8.")
    try:
        # What the end of the head cut in two is left out.
        text = (head if whole else head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise ValueError(
            f"Expected text in UTF-8 in {path}, line {line}. Received: byte 0x{head[error.start]:02x}. "
            "Save it as UTF-8, such as by: iconv -f latin1 -t utf-8."
        ) from error
    lines = re.split(r"\r\n|\n|\r", text)
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise ValueError(f"Expected a header in the first {_HEAD} bytes of {path}. Received: no line with text.")
    header, following = lines[first], [line for line in lines[first + 1 : first + 21] if line.strip()]
    if separator is None:
        separator = _guess_separator(path, header, following)
    elif len(separator) != 1 or separator in '"\r\n' or not separator.isascii():
        raise ValueError(f"Expected one character as separator. Received: {separator!r}.")
    columns = tuple(name.strip() for name in _cells(header, separator))
    if any(name and _NUMBER.fullmatch(name) for name in columns):
        raise ValueError(
            f"Expected column names in line {first + 1} of {path}. Received: {header[:80]!r}. "
            "Write a header, such as time,person,activity,ax,ay,az."
        )
    return Header(columns, separator, first + 1)


def _guess_separator(path: Path, header: str, following: list[str]) -> str:
    """The one that cuts most lines into as many cells as the header, and the header into the most."""

    def fit(separator: str) -> tuple[int, int]:
        count = len(_cells(header, separator))
        if count < 2:
            return 0, 0
        return sum(len(_cells(line, separator)) == count for line in following), count

    fits = {separator: fit(separator) for separator in _SEPARATORS}
    best = max(fits.values())
    fitting = [separator for separator, found in fits.items() if found == best]
    if best[1] < 2 or len(fitting) > 1:
        raise ValueError(
            f"Expected one of {_SEPARATORS} between the cells of {path}. Received: {header[:80]!r}. "
            "Give the option --separator."
        )
    return fitting[0]


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell above the limit of the csv module
        return []
