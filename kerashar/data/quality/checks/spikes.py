"""Single samples far away from their neighbours."""

import numpy as np

from kerashar.data.quality.problem import Problem, counted, found_in
from kerashar.data.recording import Recording

# A step's impact also is a peak of one or two samples at 50 Hz, so a spike has to stand far above all of those.
_ABOVE_PEAKS = 4.0  # times the peak that one sample in five hundred exceeds
_PEAKS = 0.998
_ABOVE_RANGE = 1.0  # times the range of the middle 99 % of the values


def spikes(recording: Recording) -> list[Problem]:
    """One sample leaps far out and the next is back."""
    signal = recording.signal.astype(np.float64)
    if len(signal) < 3:
        return []
    up, down = signal[1:-1] - signal[:-2], signal[1:-1] - signal[2:]
    heights = np.where(up * down > 0, np.minimum(np.abs(up), np.abs(down)), 0.0)
    low, high = np.quantile(signal, (0.005, 0.995), axis=0)
    limits = np.maximum(_ABOVE_PEAKS * np.quantile(heights, _PEAKS, axis=0), _ABOVE_RANGE * (high - low))
    spiky = (heights > limits) & (limits > 0)
    return [
        found_in(
            recording,
            "warning",
            "spike",
            f"{counted(int(spiky[:, column].sum()), 'sample')} out by up to {heights[:, column].max():.3g} "
            f"{recording.units[column]}.",
            "Replace each by the median of its neighbours.",
            channel=recording.channels[column],
            sample=np.flatnonzero(spiky[:, column])[0] + 1,
        )
        for column in np.flatnonzero(spiky.any(axis=0))
    ]
