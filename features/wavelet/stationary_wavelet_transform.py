"""Stationary wavelet transform."""

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.wavelet import stationary_wavelet_transform
from kerashar.features.linear_feature import LinearFeature
from kerashar.features.wavelet.filters import check_wavelet, decompose_stationary


@keras.saving.register_keras_serializable(package="kerashar")
class StationaryWaveletTransform(LinearFeature):
    """Splits each channel into frequency bands of its whole length.

    Use it to give a network slow and fast movements as channels of their own. A shift of the signal shifts the bands
    and changes nothing else, which the discrete transform can't say.

    Args:
        wavelet: name of a discrete wavelet of PyWavelets. Defaults to `"db4"`.
        level: how often the coarse course is split again. Defaults to 3.

    Call arguments:
        inputs: windows or images; they go on periodically beyond their ends.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)` with sizes that `2^level` divides.

    Output shape:
        `(batch, time, channels * (level + 1))`: for each channel its approximation, then its details from coarse to
        fine; at r Hz those of level j hold about r / 2^(j+1) to r / 2^j Hz. Of images
        `(batch, height, width, channels * (3 * level + 1))`, in each level details along the width, the height, both.

    Raises:
        ValueError: an unknown wavelet, or a size that `2^level` does not divide.

    Example:
        >>> tuple(StationaryWaveletTransform("haar", level=2)(np.ones((4, 128, 9), "float32")).shape)
        (4, 128, 27)

    Reference:
        Nason and Silverman, "The Stationary Wavelet Transform and some Statistical Applications", 1995. Equal to
        `pywt.swtn` with `trim_approx=True`.
    """

    dimensions = (1, 2)

    def __init__(self, wavelet: str = "db4", level: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_wavelet(wavelet, level)
        self.wavelet = wavelet
        self.level = level

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if any(size % 2**self.level for size in input_shape[:-1]):
            raise ValueError(
                f"Expected sizes that 2^level = {2**self.level} divides: cut or pad the windows, or lower the level. "
                f"Received: {input_shape[:-1]}."
            )

    def filter(self, inputs: Any) -> Any:
        axes = range(1, len(inputs.shape) - 1)
        approximation, levels = inputs, []
        for index in range(self.level):
            bands = [approximation]
            for axis in axes:
                bands = [half for band in bands for half in decompose_stationary(band, axis, self.wavelet, 2**index)]
            approximation, *details = bands
            levels.append(details)
        bands = [approximation, *(band for details in reversed(levels) for band in details)]
        return ops.reshape(ops.stack(bands, axis=-1), (-1, *self.compute_output_shape(inputs.shape)[1:]))

    def reference(self) -> partial[np.ndarray]:
        return partial(stationary_wavelet_transform, wavelet=self.wavelet, level=self.level)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        details = 2 ** (len(input_shape) - 2) - 1
        return (*input_shape[:-1], (input_shape[-1] or 0) * (details * self.level + 1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "wavelet": self.wavelet, "level": self.level}
