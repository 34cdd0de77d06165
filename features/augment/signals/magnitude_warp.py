"""Magnitude warp."""

from typing import Any

import keras

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.curves import check_knots, smooth_curves
from kerashar.features.checks import check_not_negative


@keras.saving.register_keras_serializable(package="kerashar")
class MagnitudeWarp(Augmentation):
    """Multiplies each channel by a smooth random curve around 1.

    Use it like `Scaling`, for movements whose vigour changes within a window.

    Args:
        knots: random values of the curve along the window, both ends included, at least 2. Defaults to 4.
        deviation: of the values at the knots, without unit. Defaults to 0.2.
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
        ValueError: fewer than 2 knots, a negative deviation, or a rate outside [0, 1].

    Example:
        >>> import numpy as np
        >>> curve = np.array(MagnitudeWarp(seed=1)(np.ones((1, 128, 1), "float32"), training=True))[0, :, 0]
        >>> bool(np.abs(np.diff(curve)).max() < 0.1)
        True

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017. Their knots don't count the ends.
    """

    def __init__(
        self, knots: int = 4, deviation: float = 0.2, rate: float = 1.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_knots(knots)
        check_not_negative(deviation=deviation)
        self.knots = knots
        self.deviation = deviation

    def change(self, values: Any, draws: Draws) -> Any:
        time, channels = values.shape[1:]
        return values * (1 + self.deviation * smooth_curves(draws, time, channels, self.knots))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "knots": self.knots, "deviation": self.deviation}
