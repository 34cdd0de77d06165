"""Continuous wavelet transform."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Literal, get_args

import keras
import numpy as np
import pywt
from keras import ops

from kerashar.features.arrays.impulses import by_impulses
from kerashar.features.arrays.wavelet import continuous_wavelet_transform
from kerashar.features.checks import check_rate
from kerashar.features.feature import Feature
from kerashar.features.safe_math import safe_sqrt
from kerashar.layers.checks import check_choice
from kerashar.names import unknown_name

Part = Literal["real", "magnitude", "complex"]
_NEED_PARAMETERS = {"cmor": "cmor1.5-1.0", "fbsp": "fbsp1-1.5-1.0", "shan": "shan1.5-1.0"}
_DECIMALS = 12  # PyWavelets samples a wavelet at 2^12 points by default


@keras.saving.register_keras_serializable(package="kerashar")
class ContinuousWaveletTransform(Feature):
    """Tells how strong a movement of each frequency is at each time.

    Use it as a picture of time and frequency in which short events stay short; a spectrogram has one duration for
    all frequencies.

    Args:
        sampling_rate: samples per second (Hz) of the windows.
        frequencies: centres of the bands, in Hz, above 0 and at most half the sampling rate. Defaults to octaves from
            0.75 to 12 Hz.
        wavelet: name of a continuous wavelet of PyWavelets: `"morl"` (Morlet), `"mexh"` (Ricker), `"gaus2"`, or a
            complex one such as `"cmor1.5-1.0"`, `"cgau2"`. Defaults to `"morl"`.
        part: `"real"`, `"magnitude"`, or of a complex wavelet also `"complex"`, the real parts and then the imaginary
            ones. Defaults to `"real"`.

    Call arguments:
        inputs: windows; zeros stand beyond their ends.

    Input shape:
        `(batch, time, channels)` with a known time.

    Output shape:
        `(batch, time, channels * frequencies)`: for each channel its course at each frequency; twice as many for
        `"complex"`.

    Raises:
        ValueError: a sampling rate that is not positive, frequencies out of range, or an unknown wavelet or part.

    Example:
        >>> layer = ContinuousWaveletTransform(50.0, frequencies=(1.0, 2.0, 4.0))
        >>> tuple(layer(np.ones((4, 128, 9), "float32")).shape)
        (4, 128, 27)

    Reference:
        Torrence and Compo, "A Practical Guide to Wavelet Analysis", 1998. Equal to `pywt.cwt` at the scales of the
        frequencies; its sampled wavelet is applied by Fourier transforms of the whole window.
    """

    def __init__(
        self,
        sampling_rate: float,
        frequencies: Sequence[float] = (0.75, 1.5, 3.0, 6.0, 12.0),
        wavelet: str = "morl",
        part: Part = "real",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        check_choice("part", part, get_args(Part))
        is_complex = _is_complex(wavelet)
        if part == "complex" and not is_complex:
            raise ValueError(f"Expected a complex wavelet with part='complex'. Received: wavelet={wavelet!r}.")
        if not frequencies or not all(0 < frequency <= sampling_rate / 2 for frequency in frequencies):
            raise ValueError(
                f"Expected frequencies above 0 and up to half the sampling rate, {sampling_rate / 2:g} Hz. "
                f"Received: frequencies={tuple(frequencies)}."
            )
        self.sampling_rate = sampling_rate
        self.frequencies = tuple(frequencies)
        self.wavelet = wavelet
        self.part: Part = part

    @property
    def scales(self) -> np.ndarray:
        """The frequencies as PyWavelets' scales."""
        return pywt.frequency2scale(self.wavelet, np.array(self.frequencies) / self.sampling_rate, _DECIMALS)

    def extract(self, inputs: Any) -> Any:
        time = inputs.shape[1]
        length = 2 ** (2 * time - 1).bit_length()  # no product wraps round
        real, imaginary = ops.rfft(ops.transpose(inputs, (0, 2, 1))[:, :, None], length)
        parts = _spectra(self.wavelet, tuple(map(float, self.scales)), self.part == "real", time, length)
        filter_real, filter_imaginary = map(ops.convert_to_tensor, parts)
        courses = ops.irfft(
            (
                real * filter_real - imaginary * filter_imaginary,
                real * filter_imaginary + imaginary * filter_real,
            ),
            length,
        )[..., :time]  # (batch, channels, filters, time)
        if self.part == "magnitude":
            courses = _magnitude(courses, len(self.frequencies))
        return ops.transpose(ops.reshape(courses, (-1, inputs.shape[2] * courses.shape[2], time)), (0, 2, 1))

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        scales = tuple(map(float, self.scales))
        reference = partial(continuous_wavelet_transform, wavelet=self.wavelet, scales=scales, part=self.part)
        return reference if self.part == "magnitude" else partial(by_impulses, reference=reference, band_by_band=False)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        bands = len(self.frequencies) * (2 if self.part == "complex" else 1)
        return (*input_shape[:-1], (input_shape[-1] or 0) * bands)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sampling_rate": self.sampling_rate,
            "frequencies": self.frequencies,
            "wavelet": self.wavelet,
            "part": self.part,
        }


@lru_cache(maxsize=16)
def _spectra(
    wavelet: str, scales: tuple[float, ...], real_only: bool, time: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part `(filters, length / 2 + 1)` of the filters' spectra; kept for layers nothing compiles.

    The filters are the real parts of the wavelets, then their imaginary parts if they have any and are asked for.
    """
    impulse = np.zeros(2 * time - 1)
    impulse[time - 1] = 1
    responses = pywt.cwt(impulse, scales, wavelet, precision=_DECIMALS)[0]  # as long before the impulse as after
    if real_only:
        responses = np.real(responses)
    elif np.iscomplexobj(responses):
        responses = np.concatenate([np.real(responses), np.imag(responses)])
    # Time 0 first, then later times, and at the end the earlier ones.
    filters = np.roll(np.pad(responses, ((0, 0), (0, length - responses.shape[1]))), 1 - time, axis=1)
    spectra = np.fft.rfft(filters, axis=1)
    return np.real(spectra).astype("float32"), np.imag(spectra).astype("float32")


def _magnitude(courses: Any, frequencies: int) -> Any:
    if courses.shape[2] == frequencies:
        return ops.abs(courses)
    return safe_sqrt(ops.square(courses[:, :, :frequencies]) + ops.square(courses[:, :, frequencies:]))


def _is_complex(wavelet: str) -> bool:
    known = pywt.wavelist(kind="continuous")
    if wavelet in _NEED_PARAMETERS:
        raise ValueError(
            f"Expected a bandwidth and a centre in the wavelet's name, such as {_NEED_PARAMETERS[wavelet]!r}. "
            f"Received: wavelet={wavelet!r}."
        )
    if not wavelet.startswith(tuple(known)):
        raise unknown_name("continuous wavelet", wavelet, known)
    try:
        return pywt.ContinuousWavelet(wavelet).complex_cwt
    except ValueError as error:
        raise ValueError(f"Expected a continuous wavelet of PyWavelets. Received: wavelet={wavelet!r}.") from error
