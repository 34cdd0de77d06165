"""Length of the vector that a sensor measures."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.orientation import magnitude
from kerashar.features.orientation.triple_feature import TripleFeature
from kerashar.features.safe_math import safe_sqrt


@keras.saving.register_keras_serializable(package="kerashar")
class Magnitude(TripleFeature):
    """Gives the length of each sensor's vector, which doesn't depend on how the device is turned.

    Use it where people wear a device in any position, in a pocket or on either arm.

    Args:
        triples: three channels for each sensor, or None for channels 0 to 2, 3 to 5 and so on. Defaults to None.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, time, triples)`, in the input's unit. The gradient at 0 is 0.

    Raises:
        ValueError: what is no triple of channels, a channel that the input lacks, or None where the number of channels
            is not a multiple of 3.

    Example:
        >>> Magnitude().array(np.array([[[3.0, 0.0, 4.0]]])).tolist()
        [[[5.0]]]

    Reference:
        The Euclidean norm, `numpy.linalg.norm`.
    """

    def extract(self, inputs: Any) -> Any:
        return safe_sqrt(ops.sum(ops.square(self.axes(inputs)), axis=-1))

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(magnitude, triples=self.triples)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, channels = input_shape
        return (batch, time, None if channels is None else self.triple_count(channels))
