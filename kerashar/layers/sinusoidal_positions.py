"""Positions in time as sines and cosines."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import known_channels

_LONGEST = 10_000.0  # the slowest wave repeats after 2 pi times as many steps, as published


@keras.saving.register_keras_serializable(package="kerashar")
class SinusoidalPositions(keras.layers.Layer):
    """Adds waves of many lengths to the channels, so that each time step can be told from the others.

    Use it ahead of the first `TransformerBlock`. It has no weights, so a model may meet longer windows than it was
    trained on.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: an unknown number of channels.

    Example:
        >>> import numpy as np
        >>> outputs = SinusoidalPositions()(np.zeros((1, 2, 4), "float32"))
        >>> ops.convert_to_numpy(outputs).astype("float64").round(2).tolist()
        [[[0.0, 0.0, 1.0, 1.0], [0.84, 0.01, 0.54, 1.0]]]

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017. The sines come first and the cosines after them, where
        theirs take turns; the weights that follow can't tell.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        waves = (known_channels(input_shape) + 1) // 2
        self.frequencies = (_LONGEST ** -(np.arange(waves) / waves)).astype("float32")

    def call(self, inputs: Any) -> Any:
        _, time, channels = ops.shape(inputs)
        # In float32 whatever the policy: half precision can't hold the phase of a late step.
        steps = ops.cast(ops.arange(time), "float32")
        phases = steps[:, None] * ops.convert_to_tensor(self.frequencies)  # (time, waves)
        waves = ops.concatenate([ops.sin(phases), ops.cos(phases)], axis=-1)[:, :channels]
        return inputs + ops.cast(waves, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
