"""Train, validation and test windows that share no subject."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.near_duplicates import copies_between
from kerashar.data.shared_stretches import shared_stretches
from kerashar.data.window_set import WindowSet


@dataclass(frozen=True, eq=False)
class SubjectSplit(DisjointSplit):
    """Windows to train on, to choose by, and to test on once, with no subject on two sides.

    Use it as what `train` takes; `split_by_subject`, `subject_folds` and `load_split` make it. A model tested
    on people it has seen looks far better than it is, so such a split is refused, and so is one that shares a
    recording, overlapping windows, or copies of windows under other names (see `shared_stretches` and
    `near_duplicates`).

    Args:
        train: what the model learns from.
        validation: what settings and the best epoch are chosen by.
        test: what is looked at once, at the end.
        allow_leakage: why shared subjects, recordings or windows are right here; printed in every report.
            It excuses sharing only: sides of different make and empty sides are always refused.

    Raises:
        ValueError: sides share a subject, a recording, overlapping windows or copies without `allow_leakage`; a side
            is empty; or the sides differ in window shape, rate, channels, units or class names.

    Example:
        >>> from kerashar.data import load_windows, split_by_subject
        >>> split_by_subject(load_windows("watch"), test_subjects=["03", "10"]).leakage_note
        'No subject, recording, overlapping or copied window is on two sides.'
    """

    item = "window"
    alike = ("window_shape", "rate", "channels", "units", "class_names")
    clean = "No subject, recording, overlapping or copied window is on two sides."
    remedy = "Split by subject"
    train: WindowSet
    validation: WindowSet
    test: WindowSet
    allow_leakage: str | None = None

    def shared(self, name: str, other_name: str) -> Iterator[str]:
        """What two sides share, a phrase for each kind."""
        side, other, where = getattr(self, name), getattr(self, other_name), f"in {name} and {other_name}"
        if len(shared := np.intersect1d(side.subjects, other.subjects)):
            yield f"shared subject {_listed(shared)} {where}"
        if len(shared := np.intersect1d(side.recordings, other.recordings)):
            yield f"shared recording {_listed(shared)} {where}"
            if count := sum(_overlaps(side, other, recording) for recording in shared):
                yield f"overlapping windows ({count}) {where}"
        if len(shared := shared_stretches(side.windows, other.windows)):
            yield f"windows with a stretch of equal samples ({len(shared)}) {where}"
        elif len(pairs := self._copies[name, other_name]):
            copies = f"{_named(side, pairs[0, 0])} and {_named(other, pairs[0, 1])}"
            yield f"near-duplicate windows ({len(pairs)}, such as {copies}) {where}"

    @cached_property
    def _copies(self) -> dict[tuple[str, str], np.ndarray]:
        return copies_between({name: side.windows for name, side in self._sides().items()})


def _overlaps(side: WindowSet, other: WindowSet, recording: str) -> int:
    """How many windows of `side` share a sample with a window of `other` in this recording."""
    length = side.window_shape[0]
    ours = side.starts[side.recordings == recording]
    theirs = np.sort(other.starts[other.recordings == recording])
    # A window overlaps when one of theirs starts less than a length before or after it.
    before = np.searchsorted(theirs, ours - length, side="right")
    after = np.searchsorted(theirs, ours + length, side="left")
    return int((after > before).sum())


def _named(side: WindowSet, row: int) -> str:
    return f"{str(side.recordings[row])!r} at sample {side.starts[row]}"


def _listed(names: np.ndarray) -> str:
    few = ", ".join(repr(str(name)) for name in names[:3])
    return few if len(names) <= 3 else f"{few} and {len(names) - 3} more"
