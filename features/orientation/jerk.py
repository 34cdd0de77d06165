"""Change of a signal over time."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.orientation import jerk
from kerashar.features.checks import check_rate, check_samples
from kerashar.features.feature import Feature


@keras.saving.register_keras_serializable(package="kerashar")
class Jerk(Feature):
    """Gives how fast each channel changes; the jerk, where the channels are acceleration.

    Use it where the start of a movement tells more than its level: it drops gravity as long as the device doesn't
    turn. It enlarges noise; for a smoother derivative take `GaussianDerivative`.

    Args:
        sampling_rate: rate of the signal, in Hz.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least 2 samples.

    Output shape:
        `(batch, time, channels)`, in the input's unit per second.

    Raises:
        ValueError: a rate out of range, or windows of a single sample.

    Example:
        >>> Jerk(10.0).array(np.array([[[0.0], [1.0], [4.0]]])).tolist()
        [[[10.0], [20.0], [30.0]]]

    Reference:
        Central differences, at the ends one-sided ones: `numpy.gradient`.
    """

    def __init__(self, sampling_rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_rate(sampling_rate)
        self.sampling_rate = sampling_rate

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def extract(self, inputs: Any) -> Any:
        steps = inputs[:, 1:] - inputs[:, :-1]
        central = (inputs[:, 2:] - inputs[:, :-2]) / 2
        return ops.concatenate([steps[:, :1], central, steps[:, -1:]], axis=1) * self.sampling_rate

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(jerk, sampling_rate=self.sampling_rate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate}
