"""Checking one's own arrays before recordings are made of them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kerashar.data.quality.checks import check_recording
from kerashar.data.quality.checks.comparison import odd_bands
from kerashar.data.quality.checks.missing import missing_values
from kerashar.data.quality.checks.stamps import time_stamps
from kerashar.data.quality.problem import Problem
from kerashar.data.quality.quality_report import in_order
from kerashar.data.quality.recording_facts import RecordingFacts
from kerashar.data.recording import Recording


def check_signal(
    signal: np.ndarray,
    rate: float,
    channels: Sequence[str],
    units: Sequence[str],
    times: np.ndarray | None = None,
) -> list[Problem]:
    """Find what is wrong with an array of one's own, before a `Recording` is made of it.

    Use it on what a file holds: unlike a `Recording`, the array may have missing values and time stamps. Where values
    are missing, the other checks look at a line drawn over the gap.

    Args:
        signal: `(time, channels)`, in `units`; NaN where a value is missing.
        rate: samples per second (Hz), as declared.
        channels: one name per channel; axes of one sensor end in x, y and z.
        units: one unit per channel, such as "g", "m/s2" or "rad/s".
        times: `(time,)`, the samples' stamps in seconds, if there are any.

    Returns:
        The problems, the worst first; samples are counted in `signal`.

    Raises:
        ValueError: shapes, names or the rate can't be.

    Example:
        >>> import numpy as np
        >>> walk = np.random.default_rng(0).normal(size=(500, 1))
        >>> walk[100:103] = np.nan
        >>> [(problem.kind, problem.sample) for problem in check_signal(walk, 50.0, ["speed"], ["m/s"])]
        [('missing values', 100)]
    """
    signal = np.asarray(signal, dtype=np.float64)
    if signal.ndim != 2 or 0 in signal.shape:
        raise ValueError(f"Expected a signal (time, channels). Received: shape {signal.shape}.")
    if len(channels) != signal.shape[1] or len(units) != signal.shape[1]:
        raise ValueError(
            f"Expected {signal.shape[1]} channels and units. Received: channels={channels}, units={units}."
        )
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"Expected a positive rate in Hz. Received: rate={rate}.")
    problems = missing_values(signal, rate, tuple(channels))
    if times is not None:
        times = np.asarray(times, dtype=np.float64)
        if times.shape != (len(signal),):
            raise ValueError(f"Expected {len(signal)} times, one per sample. Received: shape {times.shape}.")
        problems += time_stamps(times, rate)
    finite = np.isfinite(signal)
    columns = np.flatnonzero(finite.any(axis=0)).tolist()
    whole = np.flatnonzero(finite[:, columns].all(axis=1)) if columns else np.empty(0)
    if len(whole):
        inside = slice(whole[0], whole[-1] + 1)
        recording = Recording(
            _filled(signal[inside, columns], finite[inside, columns]),
            rate,
            tuple(channels[column] for column in columns),
            tuple(units[column] for column in columns),
            "signal",
            "signal",
            (),
        )
        found = check_recording(recording) + odd_bands([RecordingFacts.of(recording)])
        problems += [
            _shifted(problem, whole[0], rate)
            for problem in found
            if problem.kind != "interpolated samples" or len(whole) == inside.stop - inside.start
        ]
    return list(in_order(problems))


def _filled(signal: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """Missing values replaced by a line over the gap."""
    rows = np.arange(len(signal))
    return np.stack(
        [np.interp(rows, rows[known], values[known]) for values, known in zip(signal.T, finite.T, strict=True)], axis=1
    )


def _shifted(problem: Problem, first: int, rate: float) -> Problem:
    sample = None if problem.sample is None else problem.sample + int(first)
    seconds = None if sample is None else round(sample / rate, 3)
    return replace(problem, recording=None, subject=None, sample=sample, seconds=seconds)
