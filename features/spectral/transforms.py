"""Spectra of segments, with time as the last axis."""

from typing import Any, Literal, get_args

import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import window_weights
from kerashar.features.safe_math import centred, safe_divide, scaled
from kerashar.layers.checks import check_sizes

Window = Literal["boxcar", "hann", "hamming", "blackman"]
WINDOWS = get_args(Window)


def segmented(windows: Any, segment: int, hop: int) -> Any:
    """Overlapping segments `(batch, channels, frames, segment)` of windows `(batch, time, channels)`.

    What is left at the end is dropped.
    """
    starts = np.arange(0, windows.shape[1] - segment + 1, hop)
    return ops.take(ops.transpose(windows, (0, 2, 1)), starts[:, None] + np.arange(segment), axis=-1)


def spectrum(segments: Any, window: str, detrend: bool) -> tuple[Any, Any]:
    """Real and imaginary part of the one-sided Fourier transform of the weighted segments `(..., samples)`."""
    if detrend:
        segments = centred(segments, axis=-1)
    if window != "boxcar":
        segments = segments * ops.convert_to_tensor(window_weights(window, segments.shape[-1]))
    return ops.rfft(segments)


def power_density(segments: Any, sampling_rate: float, window: str, detrend: bool) -> Any:
    """One-sided power spectral density in unit^2/Hz of segments `(..., samples)`."""
    samples = segments.shape[-1]
    real, imaginary = spectrum(segments, window, detrend)
    sides = np.full(samples // 2 + 1, 2.0)  # all frequencies stand for their negative too, but for 0 and Nyquist's
    sides[0] = 1
    if samples % 2 == 0:
        sides[-1] = 1
    scale = sides / (sampling_rate * np.square(window_weights(window, samples)).sum())
    return (ops.square(real) + ops.square(imaginary)) * ops.convert_to_tensor(scale.astype("float32"))


def periodogram(windows: Any, sampling_rate: float) -> Any:
    """Power spectral density `(batch, channels, frequencies)` of whole windows `(batch, time, channels)`."""
    return power_density(ops.transpose(windows, (0, 2, 1)), sampling_rate, "hann", detrend=True)


def shares(density: Any) -> Any:
    """The density divided by its sum over frequencies `(batch, channels, frequencies)`; 0 where there is none."""
    density = scaled(density, axis=-1)
    return safe_divide(density, ops.sum(density, axis=-1, keepdims=True))


def check_hop(segment: int, hop: int) -> None:
    """Refuse lengths in samples that are no sizes, and hops that leave samples out."""
    check_sizes(segment=segment, hop=hop)
    if hop > segment:
        raise ValueError(f"Expected hop to be at most the segment, {segment} samples. Received: hop={hop}.")


def by_frame(density: Any) -> Any:
    """Turn `(batch, channels, frames, values)` into `(batch, frames, values * channels)`, value by value."""
    _, channels, frames, values = density.shape
    return ops.reshape(ops.transpose(density, (0, 2, 3, 1)), (-1, frames, values * channels))


def frames_shape(input_shape: tuple[int | None, ...], segment: int, hop: int, values: int) -> tuple[int | None, ...]:
    """The shape of several values of each channel and segment."""
    batch, time, channels = input_shape
    frames = None if time is None else (time - segment) // hop + 1
    return (batch, frames, None if channels is None else values * channels)
