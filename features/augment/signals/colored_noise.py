"""Coloured noise."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.checks import check_deviation, check_deviation_fits
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.spectrum import bins, from_spectrum
from kerashar.features.checks import check_not_negative, check_samples


@keras.saving.register_keras_serializable(package="kerashar")
class ColoredNoise(Augmentation):
    """Adds noise whose power falls with frequency, as drift and the flicker noise of sensors do.

    Use it beside `Jitter` where a slow disturbance, such as a shifting strap or drift, is what changes between
    recordings. The noise has mean 0 in every window.

    Args:
        deviation: of the noise, in the channel's unit; a tuple has one for each channel. Defaults to 0.05.
        exponent: power is proportional to 1 / frequency^exponent: 0 is white, 1 pink, 2 brown. Defaults to 1.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` with at least 2 samples.

    Output shape:
        As the input.

    Raises:
        ValueError: a negative deviation or exponent, a rate outside [0, 1], not as many deviations as channels, or a
            window of one sample.

    Example:
        >>> noise = np.array(ColoredNoise(0.5, seed=1)(np.zeros((64, 128, 9), "float32"), training=True))
        >>> round(float(noise.std()), 1)
        0.5

    Reference:
        Timmer and Koenig, "On generating power law noise", 1995. Ours leaves out the mean, and periods longer than the
        window.
    """

    def __init__(
        self,
        deviation: float | tuple[float, ...] = 0.05,
        exponent: float = 1.0,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_deviation(deviation)
        check_not_negative(exponent=exponent)
        self.deviation = deviation
        self.exponent = exponent

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)
        check_deviation_fits(self.deviation, input_shape[-1])

    def change(self, values: Any, draws: Draws) -> Any:
        time, channels = values.shape[1:]
        spectrum = draws.normal(2, channels, bins(time)) * ops.convert_to_tensor(_amplitudes(time, self.exponent))
        noise = from_spectrum(spectrum[:, 0], spectrum[:, 1], time)
        return values + noise * ops.convert_to_tensor(self.deviation, "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation, "exponent": self.exponent}


@cache
def _amplitudes(time: int, exponent: float) -> np.ndarray:
    """Deviations of the parts of each bin for which the noise has deviation 1."""
    amplitudes = np.append(0, np.arange(1, bins(time)) ** (-exponent / 2))
    # A bin stands for itself and its mirror image; the one at half of the sampling rate has none.
    weights = np.where(2 * np.arange(bins(time)) == time, 1, 2)
    return (amplitudes * time / np.linalg.norm(weights * amplitudes)).astype("float32")
