import keras
import numpy as np
import pytest

from kerashar.features import ContinuousWaveletTransform, FeatureStack, StationaryWaveletTransform, WaveletTransform
from kerashar.features.feature import Feature
from tests.features.support import check_feature
from tests.support import random_signal


@keras.saving.register_keras_serializable(package="tests")
class Means(Feature):
    """A feature that gives a vector."""

    def extract(self, inputs):
        return keras.ops.mean(inputs, axis=1)

    def array_function(self):
        return means

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])


def means(windows):
    return windows.mean(axis=1, dtype="float64").astype("float32")


def features():
    return [WaveletTransform("haar", level=3), StationaryWaveletTransform("haar", level=1), Means()]


@pytest.mark.parametrize(
    ("mode", "shape"),
    [("channels", (2, 64, 6)), ("replace", (2, 64, 4)), ("branch", (2, 64, 4)), ("vector", (2, 64 * 2 + 64 * 4 + 2))],
)
def test_mode(mode, shape):
    stack = FeatureStack([WaveletTransform("haar", 3), Means()] if mode != "vector" else features(), mode)
    windows = random_signal(2, 64, 2)
    outputs = check_feature(stack, windows)
    assert outputs.shape == shape
    if mode == "channels":
        np.testing.assert_array_equal(outputs[..., :2], windows)
    if mode != "vector":
        np.testing.assert_allclose(outputs[:, 10, -2:], windows.mean(axis=1), atol=1e-6)


def test_steps_are_repeated_and_never_dropped():
    outputs = FeatureStack([WaveletTransform("haar", 1), Means()], "replace").array(random_signal(1, 10, 1))
    assert outputs.shape == (1, 10, 2)
    with pytest.raises(ValueError, match=r"at most the window's size \(61,\)"):
        FeatureStack([WaveletTransform("db4", 2)])(random_signal(1, 61, 1))


@pytest.mark.once
def test_what_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        FeatureStack([])
    with pytest.raises(ValueError, match="Expected features"):
        FeatureStack([keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="mode"):
        FeatureStack(features(), "channel")
    with pytest.raises(ValueError, match="frequencies"):
        FeatureStack([ContinuousWaveletTransform(20.0)])
