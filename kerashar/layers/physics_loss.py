"""Loss of a decoded signal in physical units."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class PhysicsLoss(keras.layers.Layer):
    """Passes features through, and in training adds the error of the signal that was decoded from them to the loss.

    Use it after a `SignalDecoder` whose output is back in physical units. The error is smooth L1, quadratic below one
    unit and linear above it, so an impact doesn't outweigh the rest. `evaluate` and `predict` don't add it.

    Args:
        weight: factor on the error, at least 0.
        channels: which channels of the window were decoded, by number; `None` for all. Defaults to `None`.

    Call arguments:
        inputs: three tensors: the features, the decoded signal, and the raw window.
        training: whether the error is added.

    Input shape:
        `(batch, time, features)`, `(batch, time, len(channels))` and `(batch, time, channels)`; time may be `None`.

    Output shape:
        As the features.

    Raises:
        ValueError: a negative weight.

    Example:
        >>> import numpy as np
        >>> layer, window = PhysicsLoss(0.1, channels=(0, 2)), np.ones((2, 16, 3), "float32")
        >>> features = layer([np.ones((2, 16, 8)), window[..., :2] + 3, window], training=True)
        >>> [round(float(loss), 3) for loss in layer.losses]
        [0.25]

    Reference:
        Girshick, "Fast R-CNN", 2015, for smooth L1; here it is the mean over batch, time and channels.
    """

    def __init__(self, weight: float, channels: Sequence[int] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not weight >= 0:
            raise ValueError(f"Expected weight to be at least 0. Received: weight={weight!r}.")
        self.weight = weight
        self.channels = None if channels is None else tuple(channels)

    def call(self, inputs: Sequence[Any], training: bool = False) -> Any:
        features, decoded, window = inputs
        if training:
            if self.channels is not None:
                window = ops.take(window, self.channels, axis=-1)
            # In float32 under mixed precision too: the mean of many small errors would vanish in float16.
            error = keras.losses.huber(ops.cast(window, "float32"), ops.cast(decoded, "float32"), delta=1.0)
            self.add_loss(self.weight * ops.mean(error))
        return features

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "weight": self.weight, "channels": self.channels}
