"""A table of a report."""

from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | None
MANY_CLASSES = 10  # more columns are easier to look at than to read


@dataclass(frozen=True)
class Table:
    """A table of a report: rows of the same keys, which are the column titles.

    Use it for what a `QualityReport` shows and writes; both take the numbers from here, so they agree.

    Args:
        title: what it shows.
        note: how to read it.
        rows: at least one.
        folded: whether the page shows it only when asked.

    Example:
        >>> Table("Windows", "How many there are.", ({"side": "train", "windows": 12},)).rows[0]["windows"]
        12
    """

    title: str
    note: str
    rows: Sequence[dict[str, Cell]]
    folded: bool = False


def rounded(value: float) -> float:
    """Four digits are enough to read, and the same in every file.

    Example:
        >>> rounded(1.23456)
        1.235
    """
    return float(f"{value:.4g}")
