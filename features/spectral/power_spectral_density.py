"""Power spectral density."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import power_spectral_density
from kerashar.features.checks import check_rate, check_samples
from kerashar.features.feature import Feature
from kerashar.features.spectral.transforms import WINDOWS, Window, power_density, segmented
from kerashar.layers.checks import check_choice, check_share, check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class PowerSpectralDensity(Feature):
    """Spreads the power of each channel over frequency, averaged over overlapping segments.

    Use it where the spectrum of one window is too noisy: the more segments, the steadier the density and the wider its
    bins, which are `sampling_rate / segment` Hz apart.

    Args:
        sampling_rate: rate of the signal, in Hz.
        segment: length of a segment, in samples. Defaults to 64.
        overlap: share of a segment that the next one has too, in [0, 1). Defaults to 0.5.
        window: weights of the samples of a segment, as in `FourierSpectrum`. Defaults to `"hann"`.
        detrend: whether to subtract the mean of each segment. Defaults to True.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least one segment.

    Output shape:
        `(batch, segment // 2 + 1, channels)`, in the square of the input's unit per Hz.

    Raises:
        ValueError: a rate, segment or overlap out of range, an unknown window, or windows shorter than a segment.

    Example:
        >>> tuple(PowerSpectralDensity(50.0)(np.ones((4, 128, 9), "float32")).shape)
        (4, 33, 9)

    Reference:
        Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967. Equal to
        `scipy.signal.welch` with `scaling="density"`.
    """

    def __init__(
        self,
        sampling_rate: float,
        segment: int = 64,
        overlap: float = 0.5,
        window: Window = "hann",
        detrend: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        check_sizes(segment=segment)
        check_share(overlap=overlap)
        check_choice("window", window, WINDOWS)
        self.sampling_rate = sampling_rate
        self.segment = segment
        self.overlap = overlap
        self.window: Window = window
        self.detrend = detrend

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, self.segment)

    def extract(self, inputs: Any) -> Any:
        pieces = segmented(inputs, self.segment, self.segment - int(self.overlap * self.segment))
        density = power_density(pieces, self.sampling_rate, self.window, self.detrend)
        return ops.transpose(ops.mean(density, axis=2), (0, 2, 1))

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(
            power_spectral_density,
            sampling_rate=self.sampling_rate,
            segment=self.segment,
            overlap=self.overlap,
            window=self.window,
            detrend=self.detrend,
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.segment // 2 + 1, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "segment": self.segment,
            "overlap": self.overlap,
            "window": self.window,
            "detrend": self.detrend,
        }
