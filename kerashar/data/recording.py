"""One uninterrupted measurement of one subject."""

import math
from dataclasses import dataclass

import numpy as np

from kerashar.data.segment import Segment


@dataclass(frozen=True, eq=False)
class Recording:
    """One uninterrupted measurement of one subject, in physical units, with its labelled segments.

    Use it to bring your own data in: one per file or session, then `cut_windows` makes windows of them.

    Args:
        signal: `(time, channels)`, every value finite; kept as float32.
        rate: samples per second (Hz), constant over the recording.
        channels: one name per channel, each once.
        units: one unit per channel, such as "g", "m/s2" or "rad/s".
        subject: who was measured; splits keep a subject on one side.
        recording_id: names this recording, unique in the data set.
        segments: labelled stretches inside the signal, which don't overlap; any order.
        start: time of the first sample (s), on the clock of whoever measured; for those who look a moment up.

    Raises:
        ValueError: something of the above doesn't hold.

    Example:
        >>> import numpy as np
        >>> walk = Recording(np.zeros((100, 3)), 50.0, ("x", "y", "z"), ("g",) * 3, "01", "walk-1",
        ...                  (Segment("walking", 10, 90),))
        >>> walk.signal.dtype.name, len(walk.segments)
        ('float32', 1)
    """

    signal: np.ndarray
    rate: float
    channels: tuple[str, ...]
    units: tuple[str, ...]
    subject: str
    recording_id: str
    segments: tuple[Segment, ...]
    start: float = 0.0

    def __post_init__(self) -> None:
        signal = np.asarray(self.signal, dtype=np.float32)
        object.__setattr__(self, "signal", signal)
        object.__setattr__(self, "channels", tuple(self.channels))
        object.__setattr__(self, "units", tuple(self.units))
        object.__setattr__(self, "segments", tuple(sorted(self.segments, key=lambda part: part.start)))
        if not self.subject or not self.recording_id:
            raise ValueError(
                "Expected a subject and a recording_id that are not empty. "
                f"Received: subject={self.subject!r}, recording_id={self.recording_id!r}."
            )
        where = f"in recording {self.recording_id!r}"
        if signal.ndim != 2 or 0 in signal.shape:
            raise ValueError(f"Expected a signal (time, channels) {where}. Received: shape {signal.shape}.")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ValueError(f"Expected a positive rate in Hz {where}. Received: rate={self.rate}.")
        if len(self.channels) != signal.shape[1] or len(set(self.channels)) != len(self.channels):
            raise ValueError(f"Expected {signal.shape[1]} different channel names {where}. Received: {self.channels}.")
        if len(self.units) != signal.shape[1]:
            raise ValueError(f"Expected one unit per channel {where}. Received: units={self.units}.")
        if not np.isfinite(signal).all():
            bad = np.flatnonzero(~np.isfinite(signal).all(axis=1))
            raise ValueError(
                f"Expected finite values {where}. Received: NaN or infinity in {len(bad)} samples, "
                f"first in sample {bad[0]}. Fill the gap or cut the recording there."
            )
        self._check_segments(where)

    def _check_segments(self, where: str) -> None:
        end = 0
        for segment in self.segments:
            if segment.stop > len(self.signal):
                raise ValueError(
                    f"Expected segments inside the {len(self.signal)} samples {where}. "
                    f"Received: {segment.label!r} from {segment.start} to {segment.stop}."
                )
            if segment.start < end:
                raise ValueError(
                    f"Expected segments that don't overlap {where}. Received: {segment.label!r} starts at "
                    f"{segment.start}, before the one ahead of it ends at {end}."
                )
            end = segment.stop
