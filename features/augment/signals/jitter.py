"""Jitter."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.checks import check_deviation, check_deviation_fits
from kerashar.features.augment.draws import Draws


@keras.saving.register_keras_serializable(package="kerashar")
class Jitter(Augmentation):
    """Adds white Gaussian noise.

    Use it against dependence on one sensor's noise. Take the noise of the sensors that may come, from their data
    sheets, or up to a tenth of the signal's own deviation.

    Args:
        deviation: of the noise, in the channel's unit; a tuple has one for each channel. Defaults to 0.05.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a negative deviation, a rate outside [0, 1], or not as many deviations as channels.

    Example:
        >>> import numpy as np
        >>> noise = np.array(Jitter(0.5, seed=1)(np.zeros((64, 128, 9), "float32"), training=True))
        >>> round(float(noise.std()), 1)
        0.5

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017.
    """

    def __init__(
        self, deviation: float | tuple[float, ...] = 0.05, rate: float = 1.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_deviation(deviation)
        self.deviation = deviation

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_deviation_fits(self.deviation, input_shape[-1])

    def change(self, values: Any, draws: Draws) -> Any:
        return values + draws.normal(*values.shape[1:]) * ops.convert_to_tensor(self.deviation, "float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation}
