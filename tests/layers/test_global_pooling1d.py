import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from kerashar.layers import GlobalPooling1D
from tests.support import check_layer, random_signal


def test_equals_the_definition():
    signal = random_signal(2, 11, 3)
    average, largest = signal.mean(axis=1), signal.max(axis=1)
    expected = {
        "average": average,
        "max": largest,
        "average_max": np.concatenate([average, largest], axis=-1),
        "last": signal[:, -1],
    }
    for kind, value in expected.items():
        np.testing.assert_allclose(ops.convert_to_numpy(GlobalPooling1D(kind)(signal)), value, atol=1e-6)


def test_attention_is_a_weighted_mean():
    layer = GlobalPooling1D("attention")
    signal = random_signal(2, 11, 3)
    outputs = ops.convert_to_numpy(layer(signal))
    weights = softmax(signal @ ops.convert_to_numpy(layer.score.kernel), axis=1)
    np.testing.assert_allclose(outputs, (weights * signal).sum(axis=1), atol=1e-5)


@pytest.mark.parametrize("kind", ["average", "max", "average_max", "attention", "last"])
def test_takes_any_window_length(kind):
    model = keras.Sequential([keras.Input((None, 3)), GlobalPooling1D(kind)])
    for time in (1, 9):
        assert model.predict(random_signal(2, time, 3), verbose=0).shape == tuple(model.compute_output_shape((2, 9, 3)))


@pytest.mark.parametrize("kind", ["average_max", "attention"])
def test_layer_check(kind, tmp_path):
    check_layer(lambda **kw: GlobalPooling1D(kind, **kw), (4, 8, 3), tmp_path)


@pytest.mark.parametrize("kind", ["average", "max", "average_max", "attention", "last"])
def test_pools_the_last_steps_alone(kind):
    pool = GlobalPooling1D(kind, memory=4)
    signal = random_signal(2, 11, 3)
    np.testing.assert_array_equal(ops.convert_to_numpy(pool(signal)), ops.convert_to_numpy(pool(signal[:, -4:])))
    assert pool(signal[:, :2]).shape == pool(signal).shape


def test_refuses_a_memory_of_nothing():
    with pytest.raises(ValueError, match="memory=0"):
        GlobalPooling1D(memory=0)


def test_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="Did you mean 'average'"):
        GlobalPooling1D("avrage")
