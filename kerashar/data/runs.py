"""Runs of neighbouring rows."""

from itertools import pairwise

import numpy as np


def runs(last: np.ndarray) -> list[tuple[int, int]]:
    """First row and one past the last row of each run.

    Args:
        last: `(rows - 1,)`, whether a run ends with the row; the last row of all ends one anyhow.

    Example:
        >>> runs(np.array([False, True, False]))
        [(0, 2), (2, 4)]
    """
    return list(pairwise([0, *(np.flatnonzero(last) + 1).tolist(), len(last) + 1]))
