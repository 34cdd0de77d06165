"""Filters of discrete wavelets, and one step of their transforms."""

from typing import Any

import numpy as np
import pywt
from keras import ops

from kerashar.features.extension import MODES, extend
from kerashar.features.filtering import along_axis, filter_bank
from kerashar.layers.checks import check_choice, check_sizes
from kerashar.names import unknown_name


def check_wavelet(wavelet: str, level: int, mode: str = "symmetric") -> None:
    """Refuse a wavelet or a mode that PyWavelets doesn't know, and a level below 1."""
    known = pywt.wavelist(kind="discrete")
    if wavelet not in known:
        raise unknown_name("discrete wavelet", wavelet, known)
    check_sizes(level=level)
    check_choice("mode", mode, MODES)


def check_level(sizes: tuple[int, ...], wavelet: str, level: int) -> None:
    """Refuse a level at which the ends reach into all coefficients, as PyWavelets warns of."""
    deepest = pywt.dwt_max_level(min(sizes), filters(wavelet).shape[1])
    if level > deepest:
        raise ValueError(
            f"Expected a level of at most {deepest} for {min(sizes)} samples and the wavelet {wavelet!r}. "
            f"Received: level={level}."
        )


def filters(wavelet: str) -> np.ndarray:
    """Low-pass and high-pass filter `(2, taps)` for correlation."""
    return np.array(pywt.Wavelet(wavelet).filter_bank[:2])[:, ::-1]


def decompose(inputs: Any, axis: int, wavelet: str, mode: str) -> tuple[Any, Any]:
    """Coarse course and detail along one axis, each of half its length."""
    bank = filters(wavelet)
    reach = bank.shape[1] - 2

    def split(signal: Any) -> Any:
        time = signal.shape[1]
        if mode == "periodization":
            if time % 2:
                signal = ops.concatenate([signal, signal[:, -1:]], axis=1)
            signal = extend(signal, reach // 2, reach // 2, "periodic")
        else:
            signal = extend(signal, reach, reach + time % 2, mode)
        return filter_bank(signal, bank, strides=2)

    return _pair(along_axis(split, inputs, axis))


def decompose_stationary(inputs: Any, axis: int, wavelet: str, step: int) -> tuple[Any, Any]:
    """Coarse course and detail along one axis, each of its whole length; `step` is 1, 2, 4, ... at the levels."""
    bank = filters(wavelet)
    half = bank.shape[1] // 2

    def split(signal: Any) -> Any:
        signal = extend(signal, (half - 1) * step, half * step, "periodic")
        return filter_bank(signal, bank, dilation_rate=step)

    return _pair(along_axis(split, inputs, axis))


def _pair(outputs: Any) -> tuple[Any, Any]:
    return outputs[..., 0], outputs[..., 1]
