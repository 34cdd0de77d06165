"""Bringing samples with time stamps of their own onto a regular clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kerashar.data.runs import runs

_EVEN = 0.05  # share of a period that a stamp may lie off a regular clock and still count as on it
_CHUNK = 2**18  # output samples interpolated at a time, so that ten million need little memory
_MARGIN = 4  # samples beyond a chunk that a local cubic looks at
_BLOCK = 50  # samples, of which one at least is taken to arrive at once


@dataclass(frozen=True, eq=False)
class Stretch:
    """A piece of a resampled signal without a gap.

    Args:
        start: time of the first sample (s), on the clock of the stamps that came in.
        signal: `(time, channels)`, float32.
        rows: `(time,)`, the source's row nearest in time to each sample, to carry labels over.
    """

    start: float
    signal: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True, eq=False)
class _Piece:
    """Samples of a source between two gaps, with times that rise."""

    times: np.ndarray
    values: np.ndarray
    rows: np.ndarray


def resample(times: np.ndarray, values: np.ndarray, rate: float, *, max_gap: float = 0.5) -> list[Stretch]:
    """Bring irregular samples, or samples of another rate, to a regular rate.

    Use it before `Recording`, which takes one constant rate. Gaps are never bridged beyond `max_gap`: the signal
    is split there. Where the source is faster than `rate`, a low-pass filter takes out what `rate` can't hold
    (no aliasing, nothing shifted in time). A source that is regular at `rate` already comes back unchanged.
    Between evenly spaced samples a local cubic (modified Akima) interpolates, elsewhere a straight line, which
    can't overshoot.

    Args:
        times: `(n,)`, seconds, never falling; samples with the same stamp are averaged.
        values: `(n, channels)`; a row with NaN counts as missing.
        rate: of the result (Hz).
        max_gap: longest time between two samples that is bridged (s).

    Returns:
        The stretches between the gaps, in order; those shorter than two samples are left out.

    Raises:
        ValueError: shapes disagree, a stamp isn't finite or jumps back (the message gives the row), a value is
            infinite, or `rate` or `max_gap` isn't positive.

    Example:
        >>> times = np.array([0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2])
        >>> [(part.start, len(part.signal)) for part in resample(times, times[:, None], rate=20.0)]
        [(0.0, 7), (5.0, 5)]

    Reference:
        Akima, A New Method of Interpolation and Smooth Curve Fitting Based on Local Procedures. JACM 17 (1970).
    """
    _check_settings(rate, max_gap)
    stretches = []
    for piece in _pieces(times, values, max_gap):
        start, stop = piece.times[0], piece.times[-1]
        stretches.extend(_stretch([piece], start, stop, rate))
    return stretches


def resample_together(
    sources: Sequence[tuple[np.ndarray, np.ndarray]], rate: float, *, max_gap: float = 0.5
) -> list[Stretch]:
    """Bring sensors that stamp their samples each for itself onto one clock, channels side by side.

    Use it where accelerometer and gyroscope, or phone and watch, share a clock but not their instants. Times that
    one of the sources doesn't cover are left out; otherwise as `resample`.

    Args:
        sources: `(times, values)` of each sensor.
        rate: as for `resample`.
        max_gap: as for `resample`.

    Returns:
        Stretches with the channels of all sources in their order; `rows` are rows of the first source.

    Raises:
        ValueError: as for `resample`.

    Example:
        >>> slow, fast = np.arange(0, 1, 0.1), np.arange(0.05, 1, 0.02)
        >>> resample_together([(slow, slow[:, None]), (fast, fast[:, None])], rate=10.0)[0].signal.round(2)[:2].tolist()
        [[0.05..., 0.05...], [0.15..., 0.15...]]
    """
    _check_settings(rate, max_gap)
    if not sources:
        raise ValueError("Expected a source or more. Received: none.")
    covered = [_pieces(times, values, max_gap) for times, values in sources]
    common = [[piece] for piece in covered[0]]
    for pieces in covered[1:]:
        common = [
            [*together, piece]
            for together in common
            for piece in pieces
            if _overlap([*together, piece])[0] < _overlap([*together, piece])[1]
        ]
    stretches = []
    for together in common:
        stretches.extend(_stretch(together, *_overlap(together), rate))
    return stretches


def even_times(times: np.ndarray) -> np.ndarray:
    """Recover when samples were taken, where a sensor measures regularly but its stamps say when each arrived.

    Use it on phones whose stamps come in bursts: nothing arrives early, so the samples' own clock is the straight
    line that touches the stamps from below.

    Args:
        times: `(n,)`, seconds, of samples without one lost.

    Returns:
        `(n,)`, evenly spaced.

    Raises:
        ValueError: the promptest stamps of each half second or so don't lie on one line, to two periods: samples
            were lost, or the rate changed.

    Example:
        >>> even_times(np.array([0.0, 0.5, 0.5, 0.5, 0.8, 1.0])).round(2).tolist()
        [-0.0..., 0.16..., 0.33..., 0.5, 0.67..., 0.84...]
    """
    times = np.asarray(times, dtype=np.float64)
    if times.ndim != 1 or len(times) < 2 or not np.isfinite(times).all():
        raise ValueError(f"Expected two finite stamps or more. Received: shape {times.shape}.")
    numbers = np.arange(len(times))
    period, first = np.polyfit(numbers, times - times[0], 1)
    delays = times - times[0] - (first + period * numbers)
    promptest = np.minimum.reduceat(delays, np.arange(0, max(1, len(times) - _BLOCK + 1), _BLOCK))
    bend = float(np.ptp(promptest))
    if bend > 2 * period:
        raise ValueError(
            f"Expected stamps of a regular clock, delayed but none lost. Received: stamps that leave the line by "
            f"{bend:.3f} s at a period of {period:.4f} s. Use the stamps as they are."
        )
    return times[0] + first + delays.min() + period * numbers


def _check_settings(rate: float, max_gap: float) -> None:
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"Expected a positive rate in Hz. Received: rate={rate}.")
    if not max_gap > 0:
        raise ValueError(f"Expected max_gap above 0 s. Received: max_gap={max_gap}.")


def _pieces(times: np.ndarray, values: np.ndarray, max_gap: float) -> list[_Piece]:
    times, values = np.asarray(times, dtype=np.float64), np.asarray(values)
    if values.ndim != 2 or times.shape != values.shape[:1]:
        raise ValueError(
            f"Expected times (n,) and values (n, channels). Received: shapes {times.shape} and {values.shape}."
        )
    _check_times(times)
    rows = np.arange(len(times))
    present = np.ones(len(times), dtype=bool)
    for column in values.T:  # one by one, to hold no second copy
        if len(bad := np.flatnonzero(np.isinf(column))):
            raise ValueError(
                f"Expected finite values, or NaN where one is missing. Received: infinity in row {bad[0]}."
            )
        present &= ~np.isnan(column)
    if not present.all():
        times, values, rows = times[present], values[present], rows[present]
    first = np.flatnonzero(np.diff(times, prepend=-np.inf) > 0)
    if len(first) < len(times):
        counts = np.diff(first, append=len(times))
        values = np.add.reduceat(values, first, axis=0, dtype=np.float64) / counts[:, None]
        times, rows = times[first], rows[first]
    # A gap as long as max_gap is bridged, also where it is written a hair longer in floating point.
    return [
        _Piece(times[start:stop], values[start:stop], rows[start:stop])
        for start, stop in runs(np.diff(times) > max_gap * (1 + 1e-6))
        if stop - start >= 2
    ]


def _check_times(times: np.ndarray) -> None:
    if len(bad := np.flatnonzero(~np.isfinite(times))):
        raise ValueError(f"Expected finite time stamps. Received: {times[bad[0]]} in row {bad[0]}.")
    if len(back := np.flatnonzero(np.diff(times) < 0)):
        row = back[0] + 1
        raise ValueError(
            f"Expected time stamps that never fall. Received: {times[row]} in row {row} after {times[row - 1]}. "
            "Cut the recording there, or sort it if rows were only shuffled."
        )


def _overlap(pieces: Sequence[_Piece]) -> tuple[float, float]:
    return max(piece.times[0] for piece in pieces), min(piece.times[-1] for piece in pieces)


def _stretch(pieces: Sequence[_Piece], start: float, stop: float, rate: float) -> list[Stretch]:
    """The stretch from `start` to `stop`, or none where it is shorter than two samples."""
    count = math.floor((stop - start) * rate + _EVEN) + 1
    if count < 2:
        return []
    channels = sum(piece.values.shape[1] for piece in pieces)
    signal = np.empty((count, channels), dtype=np.float32)
    column = 0
    for piece in pieces:
        width = piece.values.shape[1]
        _fill(signal[:, column : column + width], piece, start, rate)
        column += width
    return [Stretch(float(start), signal, _nearest_rows(pieces[0], start, count, rate))]


def _fill(out: np.ndarray, piece: _Piece, start: float, rate: float) -> None:
    """Write the samples of `piece` at `start`, `start + 1 / rate` and so on into `out`."""
    count = len(out)
    first = int(np.searchsorted(piece.times, start - _EVEN / rate))
    on_clock = piece.times[first : first + count]
    if len(on_clock) == count:
        off = on_clock - start - np.arange(count) / rate
        if max(off.max(), -off.min()) <= _EVEN / rate:
            out[:] = piece.values[first : first + count]
            return
    spacing = np.diff(piece.times)
    typical = float(np.median(spacing))
    # The median spacing tells the rate despite bridged gaps; in bursts it is tiny, so the mean caps it.
    source_rate = min(1 / typical, 2 * len(spacing) / (piece.times[-1] - piece.times[0]))
    even = spacing.min() > typical / 2 and spacing.max() < typical * 2
    factor = max(1, math.ceil(source_rate / rate - _EVEN))
    for channel in range(out.shape[1]):
        fine = _interpolate(piece, channel, start, rate * factor, (count - 1) * factor + 1, even)
        if factor > 1:
            from scipy import signal as filters

            fine = filters.resample_poly(fine, 1, factor, padtype="edge")
        out[:, channel] = fine


def _interpolate(piece: _Piece, channel: int, start: float, rate: float, count: int, even: bool) -> np.ndarray:
    """`count` values of one channel at `start`, `start + 1 / rate` and so on."""
    result = np.empty(count)
    for begin in range(0, count, _CHUNK):
        wanted = start + np.arange(begin, min(begin + _CHUNK, count)) / rate
        low = max(0, int(np.searchsorted(piece.times, wanted[0])) - _MARGIN)
        high = int(np.searchsorted(piece.times, wanted[-1])) + _MARGIN
        times, values = piece.times[low:high], piece.values[low:high, channel]
        np.clip(wanted, times[0], times[-1], out=wanted)  # rounding may put the last one a hair outside
        if even and len(times) > 2:
            from scipy.interpolate import Akima1DInterpolator

            values = values.astype(np.float64)
            result[begin : begin + len(wanted)] = Akima1DInterpolator(times, values, method="makima")(wanted)
        else:
            result[begin : begin + len(wanted)] = np.interp(wanted, times, values)
    return result


def _nearest_rows(piece: _Piece, start: float, count: int, rate: float) -> np.ndarray:
    wanted = start + np.arange(count) / rate
    after = np.clip(np.searchsorted(piece.times, wanted), 1, len(piece.times) - 1)
    nearer_before = wanted - piece.times[after - 1] <= piece.times[after] - wanted
    return piece.rows[np.where(nearer_before, after - 1, after)]
