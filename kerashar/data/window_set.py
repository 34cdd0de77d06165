"""Labelled windows of equal length, with where each came from."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kerashar.data.checks import as_integers, check_class_names, check_labels
from kerashar.data.sample_set import SampleSet

_PART = 4096  # windows looked at together


@dataclass(frozen=True, eq=False)
class WindowSet(SampleSet):
    """Labelled windows of equal length, and for each the subject, recording and first sample.

    Use it as what splits, training and evaluation take; `cut_windows` and `load_windows` make it.

    Args:
        windows: `(windows, time, channels)`, finite; kept as float32, in `units`.
        labels: `(windows,)`, indices into `class_names`; kept as int64.
        subjects: `(windows,)`, the subject's name.
        recordings: `(windows,)`, the recording's name.
        starts: `(windows,)`, first sample of the window in its recording; kept as int64.
        rate: samples per second (Hz).
        channels: one name per channel.
        units: one unit per channel.
        class_names: the activities, in the order of the labels.

    Raises:
        ValueError: shapes disagree, a label is out of range, or a value isn't finite.

    Example:
        >>> import numpy as np
        >>> two = WindowSet(np.zeros((2, 128, 1)), [0, 1], ["01", "02"], ["a", "b"], [0, 64], 50.0, ("x",),
        ...                 ("g",), ("sitting", "walking"))
        >>> len(two), two.window_shape, two.class_counts()
        (2, (128, 1), {'sitting': 1, 'walking': 1})
    """

    item = "window"
    group = "subject"
    origin = "recording"
    windows: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    recordings: np.ndarray
    starts: np.ndarray
    rate: float
    channels: tuple[str, ...]
    units: tuple[str, ...]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        for name, dtype in (("windows", np.float32), ("subjects", np.str_), ("recordings", np.str_)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=dtype))
        for name in ("labels", "starts"):
            object.__setattr__(self, name, as_integers(name, getattr(self, name)))
        for name in ("channels", "units", "class_names"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self._check_shapes()
        self._check_values()

    @property
    def samples(self) -> np.ndarray:
        return self.windows

    @property
    def groups(self) -> np.ndarray:
        return self.subjects

    @property
    def origins(self) -> tuple[np.ndarray, np.ndarray]:
        return self.recordings, self.starts

    @property
    def window_shape(self) -> tuple[int, int]:
        """`(time, channels)` of one window, what `create_model` takes."""
        return self.windows.shape[1], self.windows.shape[2]

    def select(self, index_or_mask: np.ndarray | slice) -> "WindowSet":
        parts = ("windows", "labels", "subjects", "recordings", "starts")
        return replace(self, **{name: getattr(self, name)[index_or_mask] for name in parts})

    def fingerprint(self) -> str:
        digest = hashlib.sha256(json.dumps(self.class_names).encode())
        for part in self._parts():
            digest.update(part.tobytes())
        digest.update(self.labels.tobytes())
        return digest.hexdigest()

    def _parts(self) -> Iterator[np.ndarray]:
        """The windows in turn: all of them at once may not fit into memory."""
        return (self.windows[start : start + _PART] for start in range(0, len(self), _PART))

    def _check_shapes(self) -> None:
        if self.windows.ndim != 3 or 0 in self.windows.shape[1:]:
            raise ValueError(f"Expected windows (windows, time, channels). Received: shape {self.windows.shape}.")
        for name in ("labels", "subjects", "recordings", "starts"):
            shape = getattr(self, name).shape
            if shape != (len(self.windows),):
                raise ValueError(f"Expected {name} of shape ({len(self.windows)},), one per window. Received: {shape}.")
        for name in ("channels", "units"):
            values = getattr(self, name)
            if len(values) != self.windows.shape[2]:
                raise ValueError(f"Expected {self.windows.shape[2]} {name}. Received: {values}.")
        check_class_names(self.class_names)

    def _check_values(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"Expected a positive rate in Hz. Received: rate={self.rate}.")
        check_labels(self.labels, self.num_classes)
        finite = [np.isfinite(part).all(axis=(1, 2)) for part in self._parts()]
        bad = np.flatnonzero(~np.concatenate([np.empty(0, dtype=bool), *finite]))
        if len(bad):
            raise ValueError(
                f"Expected finite windows. Received: NaN or infinity in {len(bad)} of {len(self)} windows, "
                f"first in recording {str(self.recordings[bad[0]])!r} at sample {self.starts[bad[0]]}."
            )
