"""Where the power lies on the axis of frequency, and how it spreads."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import LOG_FLOOR, spectral_shape
from kerashar.features.channel_values import ChannelValues
from kerashar.features.checks import check_rate, check_samples
from kerashar.features.safe_math import safe_sqrt
from kerashar.features.spectral.transforms import periodogram, shares

ROLL_OFF = 0.85  # the share of Tzanetakis and Cook


@keras.saving.register_keras_serializable(package="kerashar")
class SpectralShape(ChannelValues):
    """Describes the spectrum of each channel by six numbers that don't depend on its strength.

    Use it to tell rhythms from noise, and slow from fast, in a model on few numbers. The mean of the window doesn't
    count. A constant channel gives 0 for all six.

    Args:
        sampling_rate: rate of the signal, in Hz.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least 4 samples.

    Output shape:
        `(batch, 6 * channels)`, number by number, each over the channels:
        - centroid: mean frequency, weighted by power, in Hz;
        - bandwidth: deviation of the frequency, weighted by power, in Hz;
        - roll-off: lowest frequency below which 85 % of the power lies, in Hz;
        - flatness: geometric over arithmetic mean of the power, from 0 for a rhythm to 1 for an even spectrum;
        - entropy of the shares of the power, as a share of the greatest possible one;
        - dominant frequency: the one with the most power, in Hz.

        Roll-off and dominant frequency step from bin to bin: they have no gradient.

    Raises:
        ValueError: a rate out of range, or windows shorter than 4 samples.

    Example:
        >>> time = np.arange(100, dtype="float32") / 50
        >>> shape = SpectralShape(50.0)(np.sin(2 * np.pi * 5 * time)[None, :, None])
        >>> round(float(shape[0, 0]), 2), float(shape[0, 5])
        (5.0, 5.0)

    Reference:
        Tzanetakis and Cook, "Musical genre classification of audio signals", 2002, for sound. Here from the
        periodogram with a Hann window, and power in place of magnitude.
    """

    def __init__(self, sampling_rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        self.sampling_rate = sampling_rate

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 4)

    def extract(self, inputs: Any) -> Any:
        share = shares(periodogram(inputs, self.sampling_rate)[..., 1:])  # (batch, channels, frequencies)
        hertz = np.fft.rfftfreq(inputs.shape[1], 1 / self.sampling_rate)[1:].astype("float32")
        frequencies, bins = ops.convert_to_tensor(hertz), len(hertz)
        centroid = ops.sum(share * frequencies, axis=-1)
        variance = ops.sum(share * ops.square(frequencies - centroid[..., None]), axis=-1)
        below = ops.sum(ops.cast(ops.cumsum(share, axis=-1) < ROLL_OFF, "int32"), axis=-1)
        log_share = ops.log(share + LOG_FLOOR)
        shape = [
            centroid,
            safe_sqrt(variance),
            ops.take(frequencies, ops.minimum(below, bins - 1)),
            ops.exp(ops.mean(log_share, axis=-1)) * bins,
            -ops.sum(share * log_share, axis=-1) / np.log(bins),
            ops.take(frequencies, ops.argmax(share, axis=-1)),
        ]
        active = ops.sum(share, axis=-1) > 0
        return ops.concatenate([ops.where(active, values, 0.0) for values in shape], axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(spectral_shape, sampling_rate=self.sampling_rate, roll_off=ROLL_OFF)

    def values_per_channel(self) -> int:
        return 6

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate}
