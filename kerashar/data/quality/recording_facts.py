"""What is kept of a recording once its samples are gone."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kerashar.data.quality.checks.parts import STANDARD_GRAVITY, gravity_columns, triads
from kerashar.data.recording import Recording

_SEGMENT_SECONDS = 2.0  # shorter segments tell neither a posture nor a tempo
_MOVING = 0.1  # of gravity, the deviation of the acceleration's length; people who sit stay below 0.03
_TEMPO_BAND = (0.5, 10.0)  # Hz; gravity's share lies below, noise above
_NO_POWER = 1e-6  # of the power above 0.5 Hz: what noise leaves above any cut-off that isn't artificial


@dataclass(frozen=True)
class RecordingFacts:
    """What is kept of a recording once its samples are gone, to compare recordings with each other.

    Use `of` to make it, one recording at a time.

    Args:
        recording: its name.
        subject: who was measured.
        rate: samples per second (Hz).
        samples: how many there are.
        segments: label, first sample and length of each segment.
        digest: hash of the samples.
        directions: mean acceleration per label, as a unit vector; empty without an accelerometer that holds gravity.
        tempos: mean frequency (Hz) of the acceleration's length per label with movement.
        band_limits: frequency (Hz) per sensor above which there is no power.

    Example:
        >>> walk = Recording(np.zeros((100, 1)), 50.0, ("x",), ("g",), "01", "a", ())
        >>> RecordingFacts.of(walk).samples
        100
    """

    recording: str
    subject: str
    rate: float
    samples: int
    segments: tuple[tuple[str, int, int], ...]
    digest: str
    directions: dict[str, np.ndarray]
    tempos: dict[str, float]
    band_limits: dict[str, float]

    @classmethod
    def of(cls, recording: Recording) -> "RecordingFacts":
        """The facts of this recording."""
        directions: dict[str, np.ndarray] = {}
        tempos: dict[str, float] = {}
        for label, parts, unit in _accelerations(recording):
            mean = np.concatenate(parts).mean(axis=0)
            if length := float(np.linalg.norm(mean)):
                directions[label] = mean / length
            if tempo := _tempo([np.linalg.norm(part, axis=1) for part in parts], recording.rate, _MOVING * unit):
                tempos[label] = tempo
        return cls(
            recording=recording.recording_id,
            subject=recording.subject,
            rate=recording.rate,
            samples=len(recording.signal),
            segments=tuple((one.label, one.start, one.stop - one.start) for one in recording.segments),
            digest=hashlib.sha256(np.ascontiguousarray(recording.signal).tobytes()).hexdigest(),
            directions=directions,
            tempos=tempos,
            band_limits=_band_limits(recording),
        )


def _accelerations(recording: Recording) -> Iterator[tuple[str, list[np.ndarray], float]]:
    """Per label, the acceleration (time, 3) of its long segments, and gravity in the unit of it."""
    found = gravity_columns(recording.channels, recording.units)
    if found is None:
        return
    columns = found[1]
    for label in sorted({segment.label for segment in recording.segments}):
        parts = [
            recording.signal[segment.start : segment.stop, columns].astype(np.float64)
            for segment in recording.segments
            if segment.label == label and segment.stop - segment.start >= _SEGMENT_SECONDS * recording.rate
        ]
        if parts:
            yield label, parts, STANDARD_GRAVITY[recording.units[columns[0]]]


def _tempo(lengths: list[np.ndarray], rate: float, moving: float) -> float | None:
    """Mean frequency of the power of these signals (time,); None if they hardly move."""
    if np.median([length.std() for length in lengths]) < moving:
        return None
    power = moment = 0.0
    for length in lengths:
        frequencies = np.fft.rfftfreq(len(length), 1 / rate)
        band = (frequencies >= _TEMPO_BAND[0]) & (frequencies <= _TEMPO_BAND[1])
        powers = np.abs(np.fft.rfft(length - length.mean()))[band] ** 2
        power += powers.sum()
        moment += (frequencies[band] * powers).sum()
    return float(moment / power) if power else None


def _band_limits(recording: Recording) -> dict[str, float]:
    from scipy.signal import welch

    limits = {}
    for sensor, columns in triads(recording.channels).items():
        # A Hann window lets little of the low frequencies leak into the high ones, where next to nothing is.
        frequencies, powers = welch(
            recording.signal[:, columns].astype(np.float64),
            fs=recording.rate,
            window="hann",
            nperseg=min(len(recording.signal), round(8 * recording.rate)),
            axis=0,
        )
        power = powers.sum(axis=1) * (frequencies > _TEMPO_BAND[0])
        above = np.cumsum(power[::-1])[::-1]
        if above[0] > 0:
            limits[sensor] = float(frequencies[np.flatnonzero(above > _NO_POWER * above[0])[-1]])
    return limits
