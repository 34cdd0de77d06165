"""Windows that occur twice."""

import hashlib
from collections import Counter
from collections.abc import Mapping

import numpy as np

from kerashar.data.near_duplicates import copies_between
from kerashar.data.quality.problem import Problem, counted
from kerashar.data.window_set import WindowSet


def copied_windows(windows: WindowSet, sides: Mapping[str, np.ndarray]) -> list[Problem]:
    """Two windows hold the same samples, or nearly the same on two sides of the split."""
    pairs = dict.fromkeys(_same(windows), True)
    copies = copies_between({side: windows.windows[mask] for side, mask in sides.items()})
    for (one, other), found in copies.items():
        ours, theirs = np.flatnonzero(sides[one]), np.flatnonzero(sides[other])
        for first, second in zip(ours[found[:, 0]].tolist(), theirs[found[:, 1]].tolist(), strict=True):
            pairs.setdefault((min(first, second), max(first, second)), False)
    by_recordings: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for first, second in sorted(pairs):
        names = str(windows.recordings[first]), str(windows.recordings[second])
        by_recordings.setdefault(names, []).append((first, second))
    return [_problem(windows, sides, names, found, pairs) for names, found in by_recordings.items()]


def _same(windows: WindowSet) -> list[tuple[int, int]]:
    """Each window that equals an earlier one bit for bit, with that one; overlapping windows don't count."""
    first: dict[bytes, int] = {}
    found = []
    for number, window in enumerate(windows.windows):
        digest = hashlib.blake2b(np.ascontiguousarray(window).data, digest_size=16).digest()
        other = first.setdefault(digest, number)
        apart = abs(int(windows.starts[number]) - int(windows.starts[other])) >= len(window)
        if other != number and (apart or windows.recordings[number] != windows.recordings[other]):
            found.append((other, number))
    return found


def _problem(
    windows: WindowSet,
    sides: Mapping[str, np.ndarray],
    names: tuple[str, str],
    found: list[tuple[int, int]],
    exact: Mapping[tuple[int, int], bool],
) -> Problem:
    first, second = found[0]
    across = any(mask[one] != mask[other] for mask in sides.values() for one, other in found)
    differing = sum(windows.labels[one] != windows.labels[other] for one, other in found)
    how = Counter("exactly" if exact[pair] else "nearly" for pair in found)
    where = f"windows of {names[0]}" if names[0] != names[1] else "other windows of the same recording"
    copies = " and ".join(f"{counted(count, 'window')} {word}" for word, count in how.items())
    text = f"Copies of {where}: {copies}"
    text += f", on two sides of the split ({_sides(sides, first, second)})" if across else ""
    text += f"; {differing} have another label" if differing else ""
    return Problem(
        "error" if across or differing else "warning",
        "copied windows",
        f"{text}.",
        "Leave one of the two out: a test on copies looks better than it is.",
        recording=names[1],
        subject=str(windows.subjects[second]),
        sample=int(windows.starts[second]),
        seconds=round(int(windows.starts[second]) / windows.rate, 3),
    )


def _sides(sides: Mapping[str, np.ndarray], first: int, second: int) -> str:
    return " and ".join(next(side for side, mask in sides.items() if mask[number]) for number in (first, second))
