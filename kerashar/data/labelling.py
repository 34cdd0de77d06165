"""Which windows of a recording are used, and with which label."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from kerashar.data.recording import Recording

TRANSITION = "transition"  # the class of windows that hold two activities
Transitions = Literal["drop", "keep", "class"]


class Labelling:
    """Which windows of a recording are used, and with which label; the rule behind `cut_windows`.

    Args:
        class_names: the activities, in the order of the labels.
        drop: labels that count as none.
        rename: labels that are read as another.
        purity: share of a window's samples with one label; None keeps windows inside the segments.
        transitions: what becomes of windows with labels enough, but none that reaches `purity`.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from kerashar.data import Segment
        >>> walk = Recording(np.zeros((9, 1)), 1.0, ("x",), ("g",), "01", "a", (Segment("walking", 2, 8),))
        >>> starts, labels = Labelling(["walking"]).windows(walk, length=3, stride=3)
        >>> starts.tolist(), labels.tolist()
        ([2, 5], [0, 0])
    """

    def __init__(
        self,
        class_names: Sequence[str],
        drop: Collection[str] = (),
        rename: Mapping[str, str] | None = None,
        purity: float | None = None,
        transitions: Transitions = "drop",
    ) -> None:
        if isinstance(class_names, str):
            raise ValueError(f"Expected a list of class names. Received: the string {class_names!r}.")
        if purity is not None and not 0.5 < purity <= 1:
            raise ValueError(f"Expected 0.5 < purity <= 1, or None. Received: purity={purity}.")
        if transitions not in get_args(Transitions):
            raise ValueError(f"Expected transitions among {get_args(Transitions)}. Received: {transitions!r}.")
        if transitions != "drop" and purity is None:
            raise ValueError(f"Expected a purity with transitions={transitions!r}. Received: purity=None.")
        if transitions == "class" and TRANSITION not in class_names:
            raise ValueError(f"Expected {TRANSITION!r} among the class names. Received: {list(class_names)}.")
        self.class_names = tuple(class_names)
        self.drop = drop
        self.rename = rename or {}
        self.purity = purity
        self.transitions = transitions

    def windows(self, recording: Recording, length: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
        """First samples of the windows, and their labels, `(windows,)` each."""
        if self.purity is not None:
            return self._throughout(recording, length, stride)
        starts, labels = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for number, start, stop in self._numbered(recording):
            starts.append(np.arange(start, stop - length + 1, stride))
            labels.append(np.full(len(starts[-1]), number))
        return np.concatenate(starts), np.concatenate(labels)

    def _throughout(self, recording: Recording, length: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
        samples = len(recording.signal)
        starts = np.arange(0, samples - length + 1, stride)
        most, total = np.zeros(len(starts), dtype=np.int64), np.zeros(len(starts), dtype=np.int64)
        labels = np.zeros(len(starts), dtype=np.int64)
        segments = list(self._numbered(recording))
        for number in sorted({number for number, *_ in segments}):
            has_label = np.zeros(samples + 1, dtype=np.int32)
            for _, start, stop in (segment for segment in segments if segment[0] == number):
                has_label[start + 1 : stop + 1] = 1
            until = np.cumsum(has_label, dtype=np.int32)
            count = until[starts + length] - until[starts]
            labels[count > most] = number
            most = np.maximum(most, count)
            total += count
        # In whole samples: a share such as 0.7 of 10 samples isn't exact in binary.
        enough = round(self.purity * length) if self.purity is not None else length
        pure, labelled = most >= enough, total >= enough
        if self.transitions == "class":
            labels[~pure] = self.class_names.index(TRANSITION)
        used = pure if self.transitions == "drop" else labelled
        return starts[used], labels[used]

    def _numbered(self, recording: Recording) -> Iterator[tuple[int, int, int]]:
        """Label's number, first sample and last but one, of each segment that is used."""
        for segment in recording.segments:
            label = self.rename.get(segment.label, segment.label)
            if label in self.drop:
                continue
            if label not in self.class_names:
                raise ValueError(
                    f"Expected labels among {list(self.class_names)}. Received: {label!r} in recording "
                    f"{recording.recording_id!r}. Add it to class_names or to drop."
                )
            yield self.class_names.index(label), segment.start, segment.stop
