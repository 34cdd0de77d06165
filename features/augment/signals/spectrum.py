"""Spectra of windows."""

from typing import Any

from keras import ops


def to_spectrum(values: Any) -> tuple[Any, Any]:
    """Real and imaginary part `(batch, channels, bins)` of windows `(batch, time, channels)`."""
    return ops.rfft(ops.transpose(values, (0, 2, 1)))


def from_spectrum(real: Any, imaginary: Any, time: int) -> Any:
    """The windows `(batch, time, channels)` of a spectrum."""
    return ops.transpose(ops.irfft((real, imaginary), fft_length=time), (0, 2, 1))


def bins(time: int) -> int:
    """Frequencies in the spectrum of a window, from 0 to half of the sampling rate."""
    return time // 2 + 1


def turning_bins(time: int) -> int:
    """How many of the bins, from the second, have a phase: neither the mean nor half of the sampling rate has one."""
    return (time - 1) // 2
