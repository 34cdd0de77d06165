"""Features of three axes on arrays, by NumPy and SciPy."""

from collections.abc import Sequence

import numpy as np
from scipy import signal

ORDER = 3  # of the Butterworth filter; higher ones ring at the ends of a window

Triples = Sequence[Sequence[int]]


def magnitude(windows: np.ndarray, triples: Triples | None) -> np.ndarray:
    """`(n, time, triples)`."""
    return np.linalg.norm(windows[..., known_triples(triples, windows.shape[-1])], axis=-1)


def gravity_separation(windows: np.ndarray, sampling_rate: float, triples: Triples | None, cutoff: float) -> np.ndarray:
    """`(n, time, 6 * triples)`: gravity, then what is left."""
    acceleration = windows[..., known_triples(triples, windows.shape[-1]).ravel()]
    gravity = low_pass(acceleration, sampling_rate, cutoff, axis=1).astype("float32")
    return np.concatenate([gravity, acceleration - gravity], axis=-1)


def jerk(windows: np.ndarray, sampling_rate: float) -> np.ndarray:
    """`(n, time, channels)` in unit/s."""
    return np.gradient(windows, axis=1) * np.float32(sampling_rate)


def low_pass(signals: np.ndarray, sampling_rate: float, cutoff: float, axis: int) -> np.ndarray:
    """What lies below the cutoff in Hz, without delay; needs more than 12 samples."""
    sections = signal.butter(ORDER, cutoff, fs=sampling_rate, output="sos")
    return signal.sosfiltfilt(sections, signals, axis=axis)


def known_triples(triples: Triples | None, channels: int) -> np.ndarray:
    """The channels of each triple `(triples, 3)`; without triples, one after the other."""
    return np.arange(channels).reshape(-1, 3) if triples is None else np.array(triples)
