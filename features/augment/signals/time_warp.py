"""Time warp."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.gathering import interpolate
from kerashar.features.augment.signals.curves import check_knots, smooth_curves
from kerashar.features.checks import check_not_negative, check_samples


@keras.saving.register_keras_serializable(package="kerashar")
class TimeWarp(Augmentation):
    """Lets time run faster and slower along the window, smoothly.

    Use it against differences of pace between people and within one. Time never runs backwards, and the first and the
    last sample stay.

    Args:
        knots: random values of the speed along the window, both ends included, at least 2. Defaults to 4.
        deviation: of the logarithm of the speed at a knot: 0.2 lets it vary by about a fifth. Defaults to 0.2.
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
        ValueError: fewer than 2 knots, a negative deviation, a rate outside [0, 1], or a window of one sample.

    Example:
        >>> import numpy as np
        >>> ramp = np.arange(128, dtype="float32")[None, :, None]
        >>> warped = np.array(TimeWarp(seed=1)(ramp, training=True))[0, :, 0]
        >>> float(warped[0]), float(warped[-1]), bool((np.diff(warped) > 0).all())
        (0.0, 127.0, True)

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017. Their knots don't count the ends, and their speed can become negative: ours is the
        exponential of a spline.
    """

    def __init__(
        self, knots: int = 4, deviation: float = 0.2, rate: float = 1.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_knots(knots)
        check_not_negative(deviation=deviation)
        self.knots = knots
        self.deviation = deviation

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def change(self, values: Any, draws: Draws) -> Any:
        last = values.shape[1] - 1
        logarithm = self.deviation * smooth_curves(draws, last, 1, self.knots)[..., 0]
        # A softmax is the exponential in units of its sum, and doesn't overflow.
        passed = ops.cumsum(ops.softmax(logarithm, axis=-1), axis=-1)
        positions = passed / passed[:, -1:] * last  # ends at the last sample exactly
        return interpolate(values, ops.pad(positions, ((0, 0), (1, 0))))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "knots": self.knots, "deviation": self.deviation}
