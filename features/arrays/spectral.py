"""Spectral features on arrays, by SciPy, and the weights of frequency bands."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import fft, signal

from kerashar.features.arrays.safe_math import centred, safe_divide, scaled

NEGLIGIBLE = 1e-10  # share of the largest power that may be rounding in float32, which has no phase
LOG_FLOOR = 1e-12  # added to powers before the logarithm; a millionth of a unit, squared


def fourier_spectrum(windows: np.ndarray, part: str, window: str, detrend: bool) -> np.ndarray:
    """`(n, time // 2 + 1, channels)`, or twice the channels for the real and imaginary part."""
    if detrend:
        windows = centred(windows)
    spectrum: Any = fft.rfft(windows * window_weights(window, windows.shape[1])[:, None], axis=1)
    if part == "magnitude":
        return np.abs(spectrum)
    if part == "power":
        return np.square(np.abs(spectrum))
    if part == "phase":
        power = np.square(np.abs(spectrum))
        rounding = power <= NEGLIGIBLE * power.max(axis=1, keepdims=True)
        imaginary = np.where(spectrum.imag == 0, 0, spectrum.imag)  # a negative zero would turn pi into -pi
        return np.where(rounding, 0, np.arctan2(imaginary, spectrum.real))
    return np.concatenate([spectrum.real, spectrum.imag], axis=-1)


def power_spectral_density(
    windows: np.ndarray, sampling_rate: float, segment: int, overlap: float, window: str, detrend: bool
) -> np.ndarray:
    """`(n, segment // 2 + 1, channels)` in unit^2/Hz."""
    density = signal.welch(
        windows,
        sampling_rate,
        window,
        segment,
        int(overlap * segment),
        detrend=_detrend_name(detrend),
        axis=1,
    )[1]
    return density.astype("float32")


def band_power(
    windows: np.ndarray, sampling_rate: float, bands: Sequence[tuple[float, float]], relative: bool, log: bool
) -> np.ndarray:
    """`(n, bands * channels)` in unit^2, or as shares."""
    _, density = _periodogram(windows, sampling_rate)
    time = windows.shape[1]
    power = shares(density) if relative else density * (sampling_rate / time)
    power = np.einsum("nfc,fb->nbc", power, band_members(time, sampling_rate, bands)).reshape(len(windows), -1)
    return (np.log(power + LOG_FLOOR) if log else power).astype("float32")


def spectral_shape(windows: np.ndarray, sampling_rate: float, roll_off: float) -> np.ndarray:
    """`(n, 6 * channels)`: centroid, bandwidth, roll-off, flatness, entropy, dominant frequency."""
    frequencies, density = _periodogram(windows, sampling_rate)
    frequencies, share = frequencies[1:, None], shares(density[:, 1:])
    active = share.sum(axis=1) > 0
    centroid = (share * frequencies).sum(axis=1)
    bandwidth = np.sqrt((share * np.square(frequencies - centroid[:, None])).sum(axis=1))
    below = (np.cumsum(share, axis=1) < roll_off).sum(axis=1)
    log_share = np.log(share + LOG_FLOOR)
    shape = [
        centroid,
        bandwidth,
        frequencies[np.minimum(below, len(frequencies) - 1), 0],
        np.exp(log_share.mean(axis=1)) * len(frequencies),
        -(share * log_share).sum(axis=1) / np.log(len(frequencies)),
        frequencies[share.argmax(axis=1), 0],
    ]
    return np.concatenate([np.where(active, values, 0) for values in shape], axis=-1).astype("float32")


def spectrogram(
    windows: np.ndarray, sampling_rate: float, segment: int, hop: int, window: str, detrend: bool, log: bool
) -> np.ndarray:
    """`(n, frames, bins * channels)` in unit^2/Hz, or its logarithm."""
    density = _frames(windows, sampling_rate, segment, hop, window, detrend)
    return (np.log(density + LOG_FLOOR) if log else density).reshape(*density.shape[:2], -1)


def frequency_bands(
    windows: np.ndarray,
    sampling_rate: float,
    segment: int,
    hop: int,
    bands: int,
    lowest: float,
    spacing: str,
    log: bool,
) -> np.ndarray:
    """`(n, frames, bands * channels)` in unit^2, or its logarithm."""
    density = _frames(windows, sampling_rate, segment, hop, "hann", True)
    triangles = band_triangles(segment, sampling_rate, bands, lowest, spacing)
    power = np.einsum("ntfc,fb->ntbc", density, triangles)
    return (np.log(power + LOG_FLOOR) if log else power).astype("float32").reshape(*power.shape[:2], -1)


def window_weights(window: str, samples: int) -> np.ndarray:
    """The periodic window of a spectrum."""
    return np.asarray(signal.get_window(window, samples), "float32")


def shares(density: np.ndarray) -> np.ndarray:
    """The density divided by its sum over frequencies `(n, frequencies, channels)`; 0 where there is none."""
    density = scaled(density)
    return safe_divide(density, density.sum(axis=1, keepdims=True))


def band_members(time: int, sampling_rate: float, bands: Sequence[tuple[float, float]]) -> np.ndarray:
    """1 where a frequency of a window of `time` samples belongs to a band, else 0: `(frequencies, bands)`."""
    frequencies = fft.rfftfreq(time, 1 / sampling_rate)[:, None]
    low, high = np.transpose(bands)
    return ((frequencies >= low) & (frequencies < high)).astype("float32")


def band_triangles(segment: int, sampling_rate: float, bands: int, lowest: float, spacing: str) -> np.ndarray:
    """What each triangular band takes of the density: `(frequencies, bands)` in Hz, so that it gives unit^2."""
    scale, inverse = SPACINGS[spacing]
    edges = inverse(np.linspace(scale(lowest), scale(sampling_rate / 2), bands + 2))
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    frequencies = fft.rfftfreq(segment, 1 / sampling_rate)[:, None]
    rise, fall = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    return (np.maximum(0, np.minimum(rise, fall)) * (sampling_rate / segment)).astype("float32")


SPACINGS = {
    "mel": (lambda hertz: 2595 * np.log10(1 + hertz / 700), lambda mel: 700 * (10 ** (mel / 2595) - 1)),
    "log": (np.log, np.exp),
    "linear": (lambda hertz: hertz, lambda hertz: hertz),
}


def _periodogram(windows: np.ndarray, sampling_rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The frequencies, and the power spectral density `(n, frequencies, channels)`."""
    return signal.periodogram(centred(windows), sampling_rate, "hann", detrend=_detrend_name(False), axis=1)


def _detrend_name(detrend: bool) -> Any:
    """What SciPy calls it."""
    return "constant" if detrend else False


def _frames(
    windows: np.ndarray, sampling_rate: float, segment: int, hop: int, window: str, detrend: bool
) -> np.ndarray:
    """Power spectral densities `(n, frames, frequencies, channels)` of the segments."""
    density = signal.spectrogram(
        windows.transpose(0, 2, 1),  # (n, channels, time)
        sampling_rate,
        window,
        segment,
        segment - hop,
        detrend=_detrend_name(detrend),
    )[2]
    return density.transpose(0, 3, 2, 1).astype("float32")
