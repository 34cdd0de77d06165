"""What a model says of a whole recording, over time."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from kerashar.data.runs import runs


@dataclass(frozen=True, eq=False)
class RecordingPrediction:
    """What a model says of a whole recording: of each window, of each second, and of whole segments.

    Use `predict_recording` to get one.

    Args:
        subject: who was measured.
        recording_id: names the recording.
        starts: `(windows,)`, when each window starts (s), on the recording's own clock, rising.
        window_seconds: length of a window.
        probabilities: `(windows, classes)`.
        class_names: in the order of the probabilities.
        smoothing: seconds over which the probabilities of a moment are averaged. Defaults to 3.
        distribution: whether windows and seconds have the probability of each class, as `p_walking`. Defaults to False.

    Raises:
        ValueError: no windows, shapes that disagree, or a smoothing or a length that isn't positive.

    Example:
        >>> said = RecordingPrediction("01", "walk", np.arange(4.0), 2.0, np.array([[0.9, 0.1]] * 2 + [[0.1, 0.9]] * 2),
        ...                            ("still", "walking"), smoothing=1.0)
        >>> [(part["label"], part["start"], part["end"]) for part in said.segments]
        [('still', 0.0, 3.0), ('walking', 3.0, 5.0)]
    """

    subject: str
    recording_id: str
    starts: np.ndarray
    window_seconds: float
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    smoothing: float = 3.0
    distribution: bool = False

    def __post_init__(self) -> None:
        shape = (len(self.starts), len(self.class_names))
        if not len(self.starts) or self.probabilities.shape != shape:
            raise ValueError(
                f"Expected probabilities {shape}, at least one window. Received: {self.probabilities.shape}."
            )
        for name, value in (("window_seconds", self.window_seconds), ("smoothing", self.smoothing)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"Expected {name} above 0 s. Received: {name}={value}.")

    @property
    def windows(self) -> list[dict[str, Any]]:
        """Of each window: when it starts and ends (s), its label and confidence."""
        return [
            {**self._who, "start": _round(start), "end": _round(start + self.window_seconds), **self._said(row)}
            for start, row in zip(self.starts.tolist(), self.probabilities, strict=True)
        ]

    @property
    def seconds(self) -> list[dict[str, Any]]:
        """Of each second: when it starts (s), and the label and confidence that are left after smoothing."""
        times, smooth = self.smoothed
        return [
            {**self._who, "time": _round(t), **self._said(row)} for t, row in zip(times.tolist(), smooth, strict=True)
        ]

    @property
    def segments(self) -> list[dict[str, Any]]:
        """Seconds in a row of the same label: start and end (s), how long, the label, and the mean confidence."""
        times, smooth = self.smoothed
        labels = smooth.argmax(axis=1)
        last = self.starts[-1] + self.window_seconds
        ends = np.minimum(times + 1, last)
        return [
            {
                **self._who,
                "start": _round(times[first]),
                "end": _round(ends[stop - 1]),
                "seconds": _round(ends[stop - 1] - times[first]),
                "label": self.class_names[labels[first]],
                "confidence": round(float(smooth[first:stop, labels[first]].mean()), 4),
            }
            for first, stop in runs(np.diff(labels) != 0)
        ]

    @cached_property
    def smoothed(self) -> tuple[np.ndarray, np.ndarray]:
        """When each second starts, and the mean probabilities of the windows within `smoothing` about its middle."""
        begin, end = self.starts[0], self.starts[-1] + self.window_seconds
        times = begin + np.arange(max(1, math.ceil(round(end - begin, 6))))
        middles = np.minimum(times + 0.5, end)
        centres = self.starts + self.window_seconds / 2
        first = np.searchsorted(centres, middles - self.smoothing / 2)
        stop = np.searchsorted(centres, middles + self.smoothing / 2, side="right")
        # Also where smoothing is short and windows are far between, a moment has the nearest one.
        nearest = np.searchsorted((centres[1:] + centres[:-1]) / 2, middles)
        first, stop = np.minimum(first, nearest), np.maximum(stop, nearest + 1)
        sums = np.concatenate(
            [np.zeros((1, len(self.class_names))), self.probabilities.cumsum(axis=0, dtype=np.float64)]
        )
        return times, (sums[stop] - sums[first]) / (stop - first)[:, None]

    @property
    def _who(self) -> dict[str, str]:
        return {"recording": self.recording_id, "subject": self.subject}

    def _said(self, row: np.ndarray) -> dict[str, Any]:
        best = int(row.argmax())
        said = {"label": self.class_names[best], "confidence": round(float(row[best]), 4)}
        if self.distribution:
            said |= {f"p_{name}": round(float(share), 6) for name, share in zip(self.class_names, row, strict=True)}
        return said


def _round(seconds: float) -> float:
    return round(float(seconds), 3)
