"""Reading tables of numbers out of an archive, a piece at a time."""

from itertools import islice
from typing import Any

import numpy as np

from kerashar.data.builders.archive import Archive

_LINES = 20_000  # parsed at a time: 12 MB of PAMAP2


def read_table(
    archive: Archive,
    member: str,
    columns: list[tuple[Any, ...]],
    expected: str,
    *,
    separator: str | None = None,
    header: str | None = None,
    line_end: str = "",
    missing: bool = False,
) -> np.ndarray:
    """A text member that has the same columns in each line.

    Args:
        archive: where it lies.
        member: its name.
        columns: NumPy's description of a line, such as `[("axes", np.float32, (3,))]`.
        expected: what a line holds, for messages.
        separator: between columns; None is any white space.
        header: what the first line must be; None where the numbers begin at once.
        line_end: what a line may end in before its break.
        missing: whether NaN stands for a missing value; otherwise it is refused.

    Returns:
        `(lines,)`, with the fields of `columns`.

    Raises:
        ValueError: a line doesn't fit or a value isn't finite; the message gives member and line.
    """
    lines = enumerate(archive.lines(member), start=1)
    if header is not None:
        found = next(lines, (1, ""))[1].strip()
        if found != header:
            raise ValueError(f"Expected the header {header!r} in {member} of {archive.path}. Received: {found[:80]!r}.")
    parts = []
    while chunk := list(islice(lines, _LINES)):
        kept = [(number, text.removesuffix(line_end)) for number, line in chunk if (text := line.strip())]
        if not kept:
            continue
        rows = _parsed([text for _, text in kept], columns, separator, missing)
        if rows is None:
            number, text = _first_wrong(kept, columns, separator, missing)
            raise ValueError(
                f"Expected {expected} in {member} line {number} of {archive.path}. Received: {text[:80]!r}."
            )
        parts.append(rows)
    if not parts:
        raise ValueError(f"Expected samples in {member} of {archive.path}. Received: an empty file.")
    return np.concatenate(parts)


def _parsed(
    lines: list[str], columns: list[tuple[Any, ...]], separator: str | None, missing: bool
) -> np.ndarray | None:
    """The lines as numbers, or None where one doesn't fit."""
    try:
        rows = np.atleast_1d(np.loadtxt(lines, dtype=columns, comments=None, delimiter=separator))
    except (ValueError, OverflowError):
        return None
    for name, *_ in columns:
        values = rows[name]
        if values.dtype.kind == "f" and (np.isinf(values) if missing else ~np.isfinite(values)).any():
            return None
    return rows


def _first_wrong(
    lines: list[tuple[int, str]], columns: list[tuple[Any, ...]], separator: str | None, missing: bool
) -> tuple[int, str]:
    """The first of these lines that doesn't fit, found by halving."""
    while len(lines) > 1:
        half = lines[: len(lines) // 2]
        fits = _parsed([text for _, text in half], columns, separator, missing) is not None
        lines = lines[len(half) :] if fits else half
    return lines[0]
