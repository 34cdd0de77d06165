"""The first rows of some tables, to guess from."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_DECIMALS = {",": r"^\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*$", ".": r"^\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*$"}


class Sample:
    """The first rows of some tables."""

    def __init__(self, tables: dict[Path, pa.Table]) -> None:
        self.tables = tables
        self.decimal = self._guess_decimal()

    def text(self, column: str) -> pa.ChunkedArray:
        """The column, without blanks around."""
        chunks = [chunk for table in self.tables.values() for chunk in table[column].chunks]
        return pc.call_function("utf8_trim_whitespace", [pa.chunked_array(chunks, pa.string())])

    def numbers(self, column: str) -> np.ndarray | None:
        """The column as float64, missing cells as NaN; None if it isn't numeric or has no number at all."""
        text = self.text(column)
        if text.null_count == len(text):
            return None
        if self.decimal == ",":
            text = pc.call_function("replace_substring", [text], pc.ReplaceSubstringOptions(",", "."))
        try:
            return pc.cast(text, pa.float64()).to_numpy()
        except pa.ArrowInvalid:
            return None

    def dates(self, column: str) -> tuple[str, np.ndarray] | None:
        """The column as dates, in nanoseconds, without missing ones, and their kind; None if it isn't."""
        text = self.text(column).drop_null()
        for unit, zone in (("datetime", None), ("datetime with zone", "UTC")):
            try:
                return unit, pc.cast(pc.cast(text, pa.timestamp("ns", zone)), pa.int64()).to_numpy()
            except pa.ArrowInvalid:
                continue
        return None

    def steps(self, stamps: np.ndarray, keys: list[str]) -> list[np.ndarray]:
        """By table the differences of stamps that follow each other in one recording."""
        numbers = [np.repeat(np.arange(len(self.tables)), [table.num_rows for table in self.tables.values()])]
        for key in keys:
            codes = self.text(key).combine_chunks().dictionary_encode().indices.fill_null(-1)
            numbers.insert(0, codes.to_numpy())
        order = np.lexsort(numbers)  # by table, then by recording, and else as they were
        steps = np.diff(stamps[order], prepend=np.nan)
        for column in numbers:
            steps[np.diff(column[order], prepend=-2) != 0] = np.nan
        return [part[np.isfinite(part)] for part in self.split(steps)]

    def split(self, values: np.ndarray) -> list[np.ndarray]:
        """By table the part of a column, or of rows."""
        return np.split(values, np.cumsum([table.num_rows for table in self.tables.values()])[:-1])

    def _guess_decimal(self) -> str:
        seen: dict[str, str] = {}
        for table in self.tables.values():
            for name, column in zip(table.column_names, table.columns, strict=True):
                for decimal, pattern in _DECIMALS.items():
                    matches = pc.call_function("match_substring_regex", [column], pc.MatchSubstringOptions(pattern))
                    if decimal not in seen and pc.call_function("any", [matches]).as_py():
                        seen[decimal] = name
        if len(seen) > 1:
            raise ValueError(
                f"Expected decimals with one of . and , throughout. Received: both, in columns {seen['.']!r} and "
                f"{seen[',']!r}. Write all with a point."
            )
        return next(iter(seen), ".")
