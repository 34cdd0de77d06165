"""Gravity and movement apart."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.orientation import Triples, gravity_separation, low_pass
from kerashar.features.checks import check_rate
from kerashar.features.orientation.triple_feature import TripleFeature

SHORTEST = 13  # SciPy continues a window of this filter by 12 samples at either end
LONGEST = 2048  # the filter is a matrix of the square of that, 16 MiB


@keras.saving.register_keras_serializable(package="kerashar")
class GravitySeparation(TripleFeature):
    """Splits acceleration into gravity, which tells the posture, and the acceleration of the body.

    Use it on raw acceleration, before any normalisation. It sees one window at a time: near the ends, and in windows
    shorter than about 1 / cutoff seconds, the split is rough.

    Args:
        sampling_rate: rate of the signal, in Hz.
        cutoff: frequency below which acceleration counts as gravity, in Hz. Defaults to 0.3.
        triples: the three channels of each accelerometer, or None for channels 0 to 2, 3 to 5 and so on. Defaults to
            None.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of 13 to 2048 samples.

    Output shape:
        `(batch, time, 6 * triples)`: gravity of all the triples' channels, then the acceleration of the body, in the
        input's unit. They add up to the input.

    Raises:
        ValueError: a rate or cutoff out of range, windows too short or too long, what is no triple of channels, a
            channel that the input lacks, or None where the number of channels is not a multiple of 3.

    Example:
        >>> tuple(GravitySeparation(50.0)(np.ones((4, 128, 3), "float32")).shape)
        (4, 128, 6)

    Reference:
        Anguita et al., "A public domain dataset for human activity recognition using smartphones", 2013, with a
        Butterworth filter of 0.3 Hz. Here it has order 3 and runs forth and back inside the window, as
        `scipy.signal.sosfiltfilt`, so that gravity doesn't lag.
    """

    def __init__(
        self, sampling_rate: float, cutoff: float = 0.3, triples: Triples | None = None, **kwargs: Any
    ) -> None:
        super().__init__(triples=triples, **kwargs)
        check_rate(sampling_rate)
        if not 0 < cutoff < sampling_rate / 2:
            raise ValueError(
                f"Expected cutoff between 0 and half the sampling rate, {sampling_rate / 2} Hz. "
                f"Received: cutoff={cutoff!r}."
            )
        self.sampling_rate = sampling_rate
        self.cutoff = cutoff

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        super().check_input(input_shape)
        if not SHORTEST <= input_shape[0] <= LONGEST:
            raise ValueError(f"Expected windows of {SHORTEST} to {LONGEST} samples. Received: time={input_shape[0]}.")

    def extract(self, inputs: Any) -> Any:
        time = inputs.shape[1]
        acceleration = ops.reshape(self.axes(inputs), (-1, time, 3 * self.triple_count(inputs.shape[-1])))
        gravity = ops.matmul(ops.convert_to_tensor(_filter(time, self.sampling_rate, self.cutoff)), acceleration)
        return ops.concatenate([gravity, acceleration - gravity], axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(gravity_separation, sampling_rate=self.sampling_rate, triples=self.triples, cutoff=self.cutoff)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, channels = input_shape
        return (batch, time, None if channels is None else 6 * self.triple_count(channels))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sampling_rate": self.sampling_rate, "cutoff": self.cutoff}


@lru_cache(maxsize=4)
def _filter(time: int, sampling_rate: float, cutoff: float) -> np.ndarray:
    """The filter, which is linear in the window, as a matrix `(time, time)`."""
    return low_pass(np.eye(time), sampling_rate, cutoff, axis=0).astype("float32")
