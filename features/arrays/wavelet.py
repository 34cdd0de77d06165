"""Wavelet features on arrays, by PyWavelets."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pywt


def wavelet_transform(windows: np.ndarray, wavelet: str, level: int, mode: str) -> np.ndarray:
    """Coefficients in the layout of `pywt.coeffs_to_array`."""
    axes = _axes(windows)
    return pywt.coeffs_to_array(pywt.wavedecn(windows, wavelet, mode, level, axes), axes=axes)[0]


def stationary_wavelet_transform(windows: np.ndarray, wavelet: str, level: int) -> np.ndarray:
    """For each channel its approximation, then the details from coarse to fine, as neighbouring channels."""
    approximation, *levels = pywt.swtn(windows, wavelet, level, axes=_axes(windows), trim_approx=True)
    details = [bands[key] for bands in levels for key in sorted(bands)]
    return _channels([approximation, *details])


def wavelet_packet(windows: np.ndarray, wavelet: str, level: int, mode: str) -> np.ndarray:
    """For each channel all bands of one level, as neighbouring channels."""
    axes = _axes(windows)
    packet = pywt.WaveletPacketND(windows, wavelet, mode, maxlevel=level, axes=axes)
    in_order = ["".join(letters) for letters in product("ad", repeat=level)]
    by_frequency = [in_order[number ^ number >> 1] for number in range(2**level)]  # each detail turns its band round
    bands = []
    for paths in product(by_frequency, repeat=len(axes)):
        letters = zip(*paths, strict=True)  # of each level, one letter for each axis
        bands.append(packet["".join("".join(level_letters) for level_letters in letters)].data)
    return _channels(bands)


def continuous_wavelet_transform(windows: np.ndarray, wavelet: str, scales: Sequence[float], part: str) -> np.ndarray:
    """For each channel its course at each scale, as neighbouring channels."""
    coefficients, _ = pywt.cwt(windows.astype("float64"), scales, wavelet, method="fft", axis=1)
    if part == "magnitude":
        coefficients = np.abs(coefficients)
    if part == "complex":
        coefficients = np.concatenate([np.real(coefficients), np.imag(coefficients)])
    return _channels(list(np.real(coefficients))).astype("float32")


def _axes(windows: np.ndarray) -> tuple[int, ...]:
    return tuple(range(1, windows.ndim - 1))


def _channels(bands: list[np.ndarray]) -> np.ndarray:
    stacked = np.stack(bands, axis=-1)  # (n, time, channels, bands)
    return stacked.reshape(*stacked.shape[:-2], -1)
