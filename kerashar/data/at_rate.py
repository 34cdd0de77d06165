"""A recording at another rate."""

import math
from dataclasses import replace

import numpy as np

from kerashar.data.recording import Recording
from kerashar.data.resampling import resample
from kerashar.data.segment import Segment


def at_rate(recording: Recording, rate: float) -> Recording:
    """Bring a recording to another rate, with its labels.

    Use it where a model, or the other recordings of a data set, run at another rate. A low-pass filter takes out what
    a lower rate can't hold, as in `resample`.

    Args:
        recording: of any rate.
        rate: of the result (Hz).

    Returns:
        The recording at `rate`; segments that fall between two samples are left out.

    Raises:
        ValueError: `rate` isn't positive, or the recording is shorter than two samples at it.

    Example:
        >>> walk = Recording(np.zeros((100, 1)), 100.0, ("x",), ("g",), "01", "a", (Segment("walking", 20, 80),))
        >>> slower = at_rate(walk, 50.0)
        >>> len(slower.signal), slower.segments[0].start, slower.segments[0].stop
        (50, 10, 40)
    """
    times = np.arange(len(recording.signal)) / recording.rate
    stretches = resample(times, recording.signal, rate, max_gap=math.inf)
    if not stretches:
        raise ValueError(
            f"Expected a recording of two samples or more at {rate:g} Hz. Received: {recording.recording_id!r} of "
            f"{len(recording.signal)} samples at {recording.rate:g} Hz."
        )
    signal, factor = stretches[0].signal, rate / recording.rate
    segments = []
    for segment in recording.segments:
        start, stop = (min(len(signal), math.ceil(round(edge * factor, 6))) for edge in (segment.start, segment.stop))
        if start < stop:
            segments.append(Segment(segment.label, start, stop))
    return replace(recording, signal=signal, rate=rate, segments=tuple(segments))
