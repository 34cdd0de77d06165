"""Padding of time to whole multiples."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_sizes
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class EdgePadding1D(QuickLayer):
    """Repeats the last time step until the number of steps is a multiple of a given one.

    Use it ahead of a layer that takes whole groups of steps, so that none is lost.

    Args:
        multiple_of: number that the steps shall be a multiple of.

    Call arguments:
        inputs: signal.

    Input shape:
        `(batch, time, ...)`; time may be `None`.

    Output shape:
        `(batch, ceil(time / multiple_of) * multiple_of, ...)`.

    Raises:
        ValueError: a multiple below 1.

    Example:
        >>> import numpy as np
        >>> tuple(EdgePadding1D(2)(np.ones((2, 127, 9), "float32")).shape)
        (2, 128, 9)

    Reference:
        Luo and Wang, "ModernTCN", 2024, ahead of each downsampling by two.
    """

    def __init__(self, multiple_of: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(multiple_of=multiple_of)
        self.multiple_of = multiple_of
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def call(self, inputs: Any) -> Any:
        time, padded = inputs.shape[1], self._padded(ops.shape(inputs)[1])
        if time is not None and time == padded:
            return inputs
        return ops.concatenate([inputs, *[inputs[:, -1:]] * (self.multiple_of - 1)], axis=1)[:, :padded]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, time, *rest = input_shape
        return (batch, None if time is None else self._padded(time), *rest)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "multiple_of": self.multiple_of}

    def _padded(self, time: Any) -> Any:
        return -(-time // self.multiple_of) * self.multiple_of
