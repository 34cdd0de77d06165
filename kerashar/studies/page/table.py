"""A table of text."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table that pages and guides show alike.

    Args:
        caption: what is in it.
        heads: of its columns.
        rows: of cells; the first cell names its row.
        numbers: heads of the columns that are aligned to the right.
        texts: heads of the columns whose text may break into lines.
        marked: the rows to look at.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Collection[str] = ()
    texts: Collection[str] = ()
    marked: Collection[int] = ()
