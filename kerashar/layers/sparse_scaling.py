"""Scaling of counts of which many are zero."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.layers.feature_standardization import FeatureStandardization


@keras.saving.register_keras_serializable(package="kerashar")
class SparseScaling(FeatureStandardization):
    """Standardises the square roots of counts and leaves zeros as they are.

    Use it behind `HydraFeatures`. A feature that is seldom above zero is divided by a larger number, so that a
    linear classifier does not rely on it.

    Call arguments:
        inputs: counts; negative ones are taken for zero.

    Input shape:
        `(batch, features)`.

    Output shape:
        As the input.

    Raises:
        ValueError: `fit` on fewer than two windows or on another number of features.

    Example:
        >>> layer = SparseScaling()
        >>> layer.fit(np.array([[0.0], [4.0]]))
        >>> keras.ops.convert_to_numpy(layer(np.array([[0.0]]))).tolist()
        [[0.0]]

    Reference:
        Dempster, Schmidt and Webb, "Hydra: Competing Convolutional Kernels for Fast and Accurate Time Series
        Classification", 2023.
    """

    def _figures(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        roots = np.sqrt(np.maximum(features, 0))
        seldom = (roots == 0).mean(axis=0) ** 4 + 1e-8
        return roots.mean(axis=0, dtype=np.float64), roots.std(axis=0, dtype=np.float64, ddof=1) + seldom

    def call(self, inputs: Any) -> Any:
        above = inputs > 0
        roots = ops.sqrt(ops.where(above, inputs, 1.0))  # of 1 in place of 0, where the slope is infinite
        return ops.where(above, super().call(roots), 0.0)
