"""Wavelet packet transform."""

from functools import partial
from typing import Any

import keras
import numpy as np
import pywt
from keras import ops

from kerashar.features.arrays.wavelet import wavelet_packet
from kerashar.features.extension import Mode
from kerashar.features.linear_feature import LinearFeature
from kerashar.features.wavelet.filters import check_level, check_wavelet, decompose, filters


@keras.saving.register_keras_serializable(package="kerashar")
class WaveletPacket(LinearFeature):
    """Splits each channel into `2^level` bands of equal width, at a `2^level`-th of the sampling rate.

    Use it where fast movements need as fine a division as slow ones, and as a front that shortens long windows.

    Args:
        wavelet: name of a discrete wavelet of PyWavelets. Defaults to `"db4"`.
        level: how often every band is halved. Defaults to 3.
        mode: how the signal goes on beyond its ends, as in PyWavelets. Defaults to `"symmetric"`.

    Call arguments:
        inputs: windows or images.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)` of known sizes, long enough for the level.

    Output shape:
        `(batch, coefficients, channels * 2^level)`: for each channel its bands from low to high frequency; at r Hz
        each is r / 2^(level+1) Hz wide. Of images `(batch, rows, columns, channels * 4^level)`, the bands along the
        height first.

    Raises:
        ValueError: an unknown wavelet or mode, or a window too short for the level.

    Example:
        >>> tuple(WaveletPacket("haar", level=2)(np.ones((4, 128, 9), "float32")).shape)
        (4, 32, 36)

    Reference:
        Coifman and Wickerhauser, "Entropy-based Algorithms for Best Basis Selection", 1992. Equal to
        `pywt.WaveletPacketND` with the bands in order of frequency.
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
        bands = [inputs]  # in order of frequency along the first axis, then along the next
        for axis in axes:
            for step in range(self.level):
                pairs = [decompose(band, axis, self.wavelet, self.mode) for band in bands]
                # What a high-pass filter along this axis leaves is turned round: its halves come in the other order.
                high = [step > 0 and index % 2 == 1 for index in range(len(bands))]
                turned = [pair[::-1] if is_high else pair for pair, is_high in zip(pairs, high, strict=True)]
                bands = [half for pair in turned for half in pair]
        return ops.reshape(ops.stack(bands, axis=-1), (-1, *self.compute_output_shape(inputs.shape)[1:]))

    def reference(self) -> partial[np.ndarray]:
        return partial(wavelet_packet, wavelet=self.wavelet, level=self.level, mode=self.mode)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, *sizes, channels = input_shape
        return (batch, *map(self._coefficients, sizes), (channels or 0) * 2 ** (self.level * len(sizes)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "wavelet": self.wavelet, "level": self.level, "mode": self.mode}

    def _coefficients(self, size: Any) -> int:
        for _ in range(self.level):
            size = pywt.dwt_coeff_len(size, filters(self.wavelet).shape[1], self.mode)
        return size
