"""Power in frequency bands."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import LOG_FLOOR, band_members, band_power
from kerashar.features.channel_values import ChannelValues
from kerashar.features.checks import check_rate
from kerashar.features.spectral.transforms import periodogram, shares


@keras.saving.register_keras_serializable(package="kerashar")
class BandPower(ChannelValues):
    """Adds up the power of each channel in a few frequency bands.

    Use it for few numbers with a meaning, such as the share of the steps, which lie at 1 to 3 Hz.

    Args:
        sampling_rate: rate of the signal, in Hz.
        bands: lowest frequency of each band, which belongs to it, and the one where it ends, which doesn't, in Hz.
            Defaults to 0.5 to 3, 3 to 8 and 8 to 15 Hz.
        relative: whether to divide by the power at all frequencies. A constant channel gives 0. Defaults to False.
        log: whether to take the natural logarithm, of the power plus 1e-12. Defaults to False.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, bands * channels)`: band by band, each over the channels, in the square of the input's unit.

    Raises:
        ValueError: a rate out of range, no bands, a band that is empty or goes beyond half the sampling rate, or
            windows too short to hold a frequency of a band.

    Example:
        >>> tuple(BandPower(50.0, bands=((0.5, 3), (3, 8)))(np.ones((4, 128, 9), "float32")).shape)
        (4, 18)

    Reference:
        Sums over `scipy.signal.periodogram` with a Hann window, without the mean, times the distance of its
        frequencies.
    """

    def __init__(
        self,
        sampling_rate: float,
        bands: Sequence[Sequence[float]] = ((0.5, 3), (3, 8), (8, 15)),
        relative: bool = False,
        log: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        if not bands or any(len(band) != 2 for band in bands):
            raise ValueError(f"Expected bands of a lowest and a highest frequency in Hz. Received: bands={bands!r}.")
        for low, high in bands:
            if not 0 <= low < high <= sampling_rate / 2:
                raise ValueError(
                    f"Expected bands between 0 and half the sampling rate, {sampling_rate / 2} Hz. "
                    f"Received: band={(low, high)}."
                )
        self.sampling_rate = sampling_rate
        self.bands = tuple((low, high) for low, high in bands)
        self.relative = relative
        self.log = log

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        members = band_members(input_shape[0], self.sampling_rate, self.bands)
        for band, empty in zip(self.bands, members.sum(axis=0) == 0, strict=True):
            if empty:
                raise ValueError(
                    f"Expected bands that hold a frequency; a window of {input_shape[0]} samples has one each "
                    f"{self.sampling_rate / input_shape[0]:.3g} Hz. Received: band={band}."
                )

    def extract(self, inputs: Any) -> Any:
        time = inputs.shape[1]
        density = periodogram(inputs, self.sampling_rate)
        power = shares(density) if self.relative else density * (self.sampling_rate / time)
        members = ops.convert_to_tensor(band_members(time, self.sampling_rate, self.bands))
        power = ops.transpose(ops.matmul(power, members), (0, 2, 1))  # (batch, bands, channels)
        power = ops.reshape(power, (-1, len(self.bands) * inputs.shape[2]))
        return ops.log(power + LOG_FLOOR) if self.log else power

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(
            band_power, sampling_rate=self.sampling_rate, bands=self.bands, relative=self.relative, log=self.log
        )

    def values_per_channel(self) -> int:
        return len(self.bands)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "bands": self.bands,
            "relative": self.relative,
            "log": self.log,
        }
