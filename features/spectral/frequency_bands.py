"""Frequency bands over time."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, get_args

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.spectral import LOG_FLOOR, band_triangles, frequency_bands
from kerashar.features.checks import check_rate, check_samples
from kerashar.features.feature import Feature
from kerashar.features.spectral.transforms import (
    by_frame,
    check_hop,
    frames_shape,
    power_density,
    segmented,
)
from kerashar.layers.checks import check_choice, check_sizes

Spacing = Literal["mel", "log", "linear"]


@keras.saving.register_keras_serializable(package="kerashar")
class FrequencyBands(Feature):
    """Sums the spectrum of each short segment into overlapping bands, like the mel bands of sound.

    Use it in place of `Spectrogram` where its frequencies are too many or too noisy.

    Args:
        sampling_rate: rate of the signal, in Hz.
        segment: length of a segment, in samples. Defaults to 64.
        hop: distance of neighbouring segments, at most a segment, in samples. Defaults to 32.
        bands: number of bands. Defaults to 16.
        lowest: frequency at which the first band begins, in Hz; the last one ends at half the sampling rate. Defaults
            to 0.5.
        spacing: scale on which the bands are equally wide. `"log"` is that of wavelets; the `"mel"` scale is made
            for sound, and below 100 Hz nearly `"linear"`. Defaults to `"mel"`.
        log: whether to take the natural logarithm, of the power plus 1e-12. Defaults to True.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least one segment; what is left at the end is dropped.

    Output shape:
        `(batch, (time - segment) // hop + 1, bands * channels)`: band by band, each over the channels, in the square
        of the input's unit.

    Raises:
        ValueError: a rate, length or frequency out of range, an unknown spacing, a band so narrow that it holds no
            frequency of a segment, or windows shorter than a segment.

    Example:
        >>> tuple(FrequencyBands(50.0, bands=8)(np.ones((4, 128, 9), "float32")).shape)
        (4, 3, 72)

    Reference:
        Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition", 1980. The
        triangles have height 1 and meet at their neighbours' centres; segments are weighted by a Hann window and lose
        their mean; there is no cosine transform.
    """

    def __init__(
        self,
        sampling_rate: float,
        segment: int = 64,
        hop: int = 32,
        bands: int = 16,
        lowest: float = 0.5,
        spacing: Spacing = "mel",
        log: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        check_hop(segment, hop)
        check_sizes(bands=bands)
        check_choice("spacing", spacing, get_args(Spacing))
        if not 0 < lowest < sampling_rate / 2:
            raise ValueError(
                f"Expected lowest between 0 and half the sampling rate, {sampling_rate / 2} Hz. "
                f"Received: lowest={lowest!r}."
            )
        if not band_triangles(segment, sampling_rate, bands, lowest, spacing).any(axis=0).all():
            raise ValueError(
                f"Expected bands wide enough to hold a frequency; a segment of {segment} samples has one each "
                f"{sampling_rate / segment:.3g} Hz. Received: bands={bands}, lowest={lowest}, spacing={spacing!r}."
            )
        self.sampling_rate = sampling_rate
        self.segment = segment
        self.hop = hop
        self.bands = bands
        self.lowest = lowest
        self.spacing: Spacing = spacing
        self.log = log

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, self.segment)

    def extract(self, inputs: Any) -> Any:
        density = power_density(segmented(inputs, self.segment, self.hop), self.sampling_rate, "hann", detrend=True)
        triangles = band_triangles(self.segment, self.sampling_rate, self.bands, self.lowest, self.spacing)
        power = by_frame(ops.matmul(density, ops.convert_to_tensor(triangles)))
        return ops.log(power + LOG_FLOOR) if self.log else power

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(
            frequency_bands,
            sampling_rate=self.sampling_rate,
            segment=self.segment,
            hop=self.hop,
            bands=self.bands,
            lowest=self.lowest,
            spacing=self.spacing,
            log=self.log,
        )

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return frames_shape(input_shape, self.segment, self.hop, self.bands)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "segment": self.segment,
            "hop": self.hop,
            "bands": self.bands,
            "lowest": self.lowest,
            "spacing": self.spacing,
            "log": self.log,
        }
