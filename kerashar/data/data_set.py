"""What is known about a data set, and how its recordings are read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kerashar.data.recording import Recording
from kerashar.data.window_set import WindowSet
from kerashar.data.windows import cut_windows


@dataclass(frozen=True)
class DataSet:
    """What is known about a data set, and how its recordings are read.

    Use `data_set(name)` to look one up, for its citation and licence or to read whole recordings.

    Args:
        name: what `load_split` and the command line take.
        title: one line about it.
        citation: what its authors ask to be cited.
        licence: the terms, as its publisher states them.
        url: where it comes from.
        placement: where the sensors sit on the body.
        class_names: the activities, in the order of the labels.
        dropped_labels: labels in the recordings that aren't classified.
        window_seconds: length of a window.
        overlap: share of a window that the next one repeats.
        rate: samples per second (Hz).
        subjects: everyone measured.
        test_subjects: who is kept for the test; the rest trains and validates.
        recordings: called with `archive=` and `cache=`, gives the recordings, ready to be cut.
        raw_recordings: the same as they were measured, where `recordings` filters them, for quality reports.

    Example:
        >>> from kerashar.data import data_set
        >>> data_set("watch").rate
        50.0
    """

    name: str
    title: str
    citation: str
    licence: str
    url: str
    placement: str
    class_names: tuple[str, ...]
    dropped_labels: tuple[str, ...]
    window_seconds: float
    overlap: float
    rate: float
    subjects: tuple[str, ...]
    test_subjects: tuple[str, ...]
    recordings: Callable[..., Iterable[Recording]]
    raw_recordings: Callable[..., Iterable[Recording]] | None = None

    def cut(self, recordings: Iterable[Recording], **changes: Any) -> WindowSet:
        """Windows of these recordings as the data set's authors cut them, but for `changes`; see `cut_windows`."""
        authors = {
            "seconds": self.window_seconds,
            "overlap": self.overlap,
            "class_names": self.class_names,
            "drop": self.dropped_labels,
        }
        return cut_windows(recordings, **{**authors, **changes})
