"""Discrete wavelet transform."""

from functools import partial
from typing import Any

import keras
import numpy as np
import pywt
from keras import ops

from kerashar.features.arrays.wavelet import wavelet_transform
from kerashar.features.extension import Mode
from kerashar.features.linear_feature import LinearFeature
from kerashar.features.wavelet.filters import check_level, check_wavelet, decompose, filters


@keras.saving.register_keras_serializable(package="kerashar")
class WaveletTransform(LinearFeature):
    """Splits a signal or image into a coarse course and details, each half as fine as the one before.

    Use it for events of different duration at known times, in about as many numbers as the signal has samples; for
    bands that keep the time axis take `StationaryWaveletTransform`.

    Args:
        wavelet: name of a discrete wavelet of PyWavelets, such as `"haar"`, `"db4"`, `"sym5"`, `"bior2.2"`. Defaults
            to `"db4"`.
        level: how often the coarse course is split again. Defaults to 3.
        mode: how the signal goes on beyond its ends, as in PyWavelets. Defaults to `"symmetric"`.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)` of known sizes, long enough for the level.

    Output shape:
        `(batch, coefficients, channels)`: along time the approximation, then the details from coarse to fine. At a
        sampling rate of r Hz the details of level j hold about r / 2^(j+1) to r / 2^j Hz. Of images
        `(batch, rows, columns, channels)`: the approximation at the top left, the details of each level around it.

    Raises:
        ValueError: an unknown wavelet or mode, or a window too short for the level.

    Example:
        >>> tuple(WaveletTransform("db2", level=2)(np.ones((4, 128, 9), "float32")).shape)
        (4, 133, 9)

    Reference:
        Mallat, "A theory for multiresolution signal decomposition", 1989. Equal to `pywt.wavedecn`, in the layout of
        `pywt.coeffs_to_array`.
    """

    dimensions = (1, 2)

    def __init__(self, wavelet: str = "db4", level: int = 3, mode: Mode = "symmetric", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_wavelet(wavelet, level, mode)
        self.wavelet = wavelet
        self.level = level
        self.mode: Mode = mode

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_level(input_shape[:-1], self.wavelet, self.level)

    def filter(self, inputs: Any) -> Any:
        axes = range(1, len(inputs.shape) - 1)
        approximation, levels = inputs, []
        for _ in range(self.level):
            bands = [approximation]
            for axis in axes:
                bands = [half for band in bands for half in decompose(band, axis, self.wavelet, self.mode)]
            approximation, *details = bands
            levels.append(details)
        for details in reversed(levels):
            approximation = _beside(approximation, *details)
        return approximation

    def reference(self) -> partial[np.ndarray]:
        return partial(wavelet_transform, wavelet=self.wavelet, level=self.level, mode=self.mode)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sizes, channels = input_shape
        return (batch, *map(self._coefficients, sizes), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "wavelet": self.wavelet, "level": self.level, "mode": self.mode}

    def _coefficients(self, size: Any) -> int:
        coefficients, taps = 0, filters(self.wavelet).shape[1]
        for _ in range(self.level):
            size = pywt.dwt_coeff_len(size, taps, self.mode)
            coefficients += size
        return coefficients + size


def _beside(approximation: Any, *details: Any) -> Any:
    """Put the details of a level beside what is coarser; where that is larger than one of them, zeros fill up."""
    if len(details) == 1:
        return ops.concatenate([approximation, details[0]], axis=1)
    along_width, along_height, along_both = details
    rows, columns = approximation.shape[1:3]
    top = ops.concatenate([approximation, _filled(along_width, rows, along_width.shape[2])], axis=2)
    left = _filled(along_height, along_height.shape[1], columns)
    return ops.concatenate([top, ops.concatenate([left, along_both], axis=2)], axis=1)


def _filled(band: Any, rows: int, columns: int) -> Any:
    return ops.pad(band, ((0, 0), (0, rows - band.shape[1]), (0, columns - band.shape[2]), (0, 0)))
