"""Spectrogram."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import LOG_FLOOR, spectrogram
from kerashar.features.checks import check_rate, check_samples
from kerashar.features.feature import Feature
from kerashar.features.spectral.transforms import (
    WINDOWS,
    Window,
    by_frame,
    check_hop,
    frames_shape,
    power_density,
    segmented,
)
from kerashar.layers.checks import check_choice


@keras.saving.register_keras_serializable(package="kerashar")
class Spectrogram(Feature):
    """Gives the power spectral density of each short segment, one after the other.

    Use it for long windows in which the rhythm changes. Short segments tell when, long ones at which frequency: the
    frequencies are `sampling_rate / segment` Hz apart.

    Args:
        sampling_rate: rate of the signal, in Hz.
        segment: length of a segment, in samples. Defaults to 32.
        hop: distance of neighbouring segments, at most a segment, in samples. Defaults to 16.
        window: weights of the samples of a segment, as in `FourierSpectrum`. Defaults to `"hann"`.
        detrend: whether to subtract the mean of each segment, such as gravity. Defaults to False.
        log: whether to take the natural logarithm, of the density plus 1e-12. Defaults to True.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least one segment; what is left at the end is dropped.

    Output shape:
        `(batch, (time - segment) // hop + 1, (segment // 2 + 1) * channels)`: frequency by frequency, each over the
        channels, in the square of the input's unit per Hz.

    Raises:
        ValueError: a rate, segment or hop out of range, an unknown window, or windows shorter than a segment.

    Example:
        >>> tuple(Spectrogram(50.0)(np.ones((4, 128, 9), "float32")).shape)
        (4, 7, 153)

    Reference:
        Allen, "Short term spectral analysis, synthesis, and modification by discrete Fourier transform", 1977. Equal
        to `scipy.signal.spectrogram` with `scaling="density"` and `mode="psd"`, or its logarithm.
    """

    def __init__(
        self,
        sampling_rate: float,
        segment: int = 32,
        hop: int = 16,
        window: Window = "hann",
        detrend: bool = False,
        log: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        check_hop(segment, hop)
        check_choice("window", window, WINDOWS)
        self.sampling_rate = sampling_rate
        self.segment = segment
        self.hop = hop
        self.window: Window = window
        self.detrend = detrend
        self.log = log

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, self.segment)

    def extract(self, inputs: Any) -> Any:
        pieces = segmented(inputs, self.segment, self.hop)
        density = by_frame(power_density(pieces, self.sampling_rate, self.window, self.detrend))
        return ops.log(density + LOG_FLOOR) if self.log else density

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(
            spectrogram,
            sampling_rate=self.sampling_rate,
            segment=self.segment,
            hop=self.hop,
            window=self.window,
            detrend=self.detrend,
            log=self.log,
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return frames_shape(input_shape, self.segment, self.hop, self.segment // 2 + 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "segment": self.segment,
            "hop": self.hop,
            "window": self.window,
            "detrend": self.detrend,
            "log": self.log,
        }
