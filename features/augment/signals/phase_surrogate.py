"""Phase surrogate."""

from math import pi
from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.spectrum import bins, from_spectrum, to_spectrum, turning_bins
from kerashar.features.checks import check_samples, check_within


@keras.saving.register_keras_serializable(package="kerashar")
class PhaseSurrogate(Augmentation):
    """Gives each frequency a random phase, and keeps its amplitude.

    Use it where activities differ by their spectra and not by the shape of single movements. All channels get the same
    random phases, so their correlations at all lags stay.

    Args:
        share: of half a turn by which a phase changes at most, from 0, which changes nothing, to 1, where phases are
            all as likely. Defaults to 1.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 0.5.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` with at least 2 samples.

    Output shape:
        As the input.

    Raises:
        ValueError: a share or rate outside [0, 1], or a window of one sample.

    Example:
        >>> import numpy as np
        >>> window = np.random.default_rng(0).normal(size=(1, 128, 9)).astype("float32")
        >>> changed = np.array(PhaseSurrogate(rate=1.0, seed=1)(window, training=True))
        >>> np.allclose(*(np.abs(np.fft.rfft(signal, axis=1)) for signal in (window, changed)), atol=1e-3)
        True

    Reference:
        Schwabedal et al., "Addressing Class Imbalance in Classification Problems of Noisy Signals by using Fourier
        Transform Surrogates", 2018; the same phases over channels as in Prichard and Theiler, "Generating Surrogate
        Data for Time Series with Several Simultaneously Measured Variables", 1994.
    """

    def __init__(self, share: float = 1.0, rate: float = 0.5, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        self.share = share

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def change(self, values: Any, draws: Draws) -> Any:
        time = values.shape[1]
        real, imaginary = to_spectrum(values)
        turning = turning_bins(time)
        turns = draws.uniform(1, turning, low=-pi * self.share, high=pi * self.share)
        turns = ops.pad(turns, ((0, 0), (0, 0), (1, bins(time) - 1 - turning)))
        cosine, sine = ops.cos(turns), ops.sin(turns)
        return from_spectrum(real * cosine - imaginary * sine, real * sine + imaginary * cosine, time)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}
