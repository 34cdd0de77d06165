"""Standardisation of features."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.checks import known_channels


@keras.saving.register_keras_serializable(package="kerashar")
class FeatureStandardization(keras.layers.Layer):
    """Brings each feature to mean 0 and standard deviation 1, by figures fitted on training windows.

    Use it between fixed features and a linear classifier, which then penalises all of them alike.

    Call arguments:
        inputs: features.

    Input shape:
        `(batch, features)`.

    Output shape:
        As the input.

    Raises:
        ValueError: `fit` on fewer than two windows or on another number of features.

    Example:
        >>> layer = FeatureStandardization()
        >>> layer.fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> keras.ops.convert_to_numpy(layer(np.array([[3.0, 5.0]]))).tolist()
        [[1.0, 0.0]]
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        features = (known_channels(input_shape),)
        self.mean = self.add_weight(shape=features, initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=features, initializer="ones", trainable=False, name="deviation")

    def fit(self, features: np.ndarray) -> None:
        """Take the figures from `features` `(n, features)`; one that never changes keeps a deviation of 1."""
        if not self.built:
            self.build(features.shape)
        width = self.mean.shape[0]
        if features.ndim != 2 or features.shape[1] != width or len(features) < 2:
            raise ValueError(f"Expected features (n, {width}), n > 1. Received: shape={features.shape}.")
        mean, deviation = self._figures(features)
        self.mean.assign(mean)
        self.deviation.assign(deviation)

    def _figures(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        deviation = features.std(axis=0, dtype=np.float64)
        return features.mean(axis=0, dtype=np.float64), np.where(deviation > 1e-6, deviation, 1.0)

    def call(self, inputs: Any) -> Any:
        return (inputs - ops.cast(self.mean, inputs.dtype)) / ops.cast(self.deviation, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape
