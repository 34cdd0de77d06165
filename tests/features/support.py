"""Checks that every feature passes, on every backend."""

import json
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.feature import Feature
from kerashar.features.linear_feature import LinearFeature


def check_feature(feature: Feature, windows: np.ndarray, tolerance: float = 1e-5) -> np.ndarray:
    """Config round trip, symbolic = eager shape, layer = array function, mixed precision, no NaN out of odd windows.

    What takes a compiled model (a fit step, the gradient, save and load) is tested once for all features together, in
    test_all_features.py.

    Args:
        feature: the feature.
        windows: `(n, time, channels)` or `(n, height, width, channels)`.
        tolerance: largest difference of the two forms, as a share of the largest output.

    Returns:
        The features of the windows.
    """
    config = feature.get_config()
    serialized = json.loads(json.dumps(keras.saving.serialize_keras_object(feature)))
    assert type(feature).from_config(serialized["config"]).get_config() == config

    symbolic = feature(keras.Input(batch_shape=windows.shape)).shape
    outputs = numbers(feature(windows))
    assert tuple(symbolic) == outputs.shape == tuple(feature.compute_output_shape(windows.shape))
    ahead = feature.array(windows)
    assert ahead.dtype == np.float32
    assert_close(outputs, ahead, tolerance)
    if isinstance(feature, LinearFeature):  # the two ways it has, against what made the one's weights
        assert_close(outputs, feature.reference()(windows), tolerance)
        assert_close(feature.filter(ops.convert_to_tensor(windows)), outputs, tolerance)

    mixed = type(feature).from_config({**config, "dtype": "mixed_bfloat16"})(windows)
    assert keras.backend.standardize_dtype(mixed.dtype) == "bfloat16"
    for odd in odd_windows(windows[:1]):
        layer, array = numbers(feature(odd)), feature.array(odd)
        assert np.isfinite(layer).all()
        assert np.isfinite(array).all()
    return outputs


def odd_windows(windows: np.ndarray) -> list[np.ndarray]:
    """Finite windows on which divisions and logarithms go wrong: constant, zero, and denormal ones."""
    return [np.full_like(windows, 3.0), np.zeros_like(windows), np.full_like(windows, 1e-40)]


def assert_close(actual: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Equal up to a share of the largest expected value."""
    actual, expected = numbers(actual), numbers(expected)
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * max(1e-30, np.abs(expected).max()))


def numbers(tensor: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(ops.cast(ops.convert_to_tensor(tensor), "float32")))
