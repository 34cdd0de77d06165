import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import SqueezeExcite
from tests.references import sigmoid
from tests.support import check_layer, random_signal, run, scramble


@pytest.mark.parametrize(("channels", "reduction"), [(16, 4), (3, 8), (1, 1)])
def test_equals_the_formula(channels, reduction):
    layer = SqueezeExcite(reduction)
    signal = random_signal(2, 10, channels)
    outputs = ops.convert_to_numpy(layer(signal))
    weights = [ops.convert_to_numpy(weight) for weight in layer.weights]
    assert weights[0].shape == (channels, max(1, channels // reduction))
    gate = gate_of(signal.mean(axis=1), weights)
    np.testing.assert_allclose(outputs, signal * gate[:, None], atol=1e-6)


def test_causal_equals_the_formula_at_any_length():
    layer = SqueezeExcite(2, causal=True)
    model = keras.Sequential([keras.Input((None, 4)), layer])
    scramble(model)
    for time in (1, 9):
        signal = random_signal(2, time, 4)
        means = np.stack([signal[:, : end + 1].mean(axis=1) for end in range(time)], axis=1)
        expected = signal * gate_of(means, layer.get_weights())
        np.testing.assert_allclose(run(model, signal), expected, atol=1e-6)


def test_a_causal_gate_forgets():
    layer = SqueezeExcite(2, causal=True, memory=3)
    signal = random_signal(2, 9, 4)
    outputs = ops.convert_to_numpy(layer(signal))
    means = np.stack([signal[:, max(0, end - 2) : end + 1].mean(axis=1) for end in range(9)], axis=1)
    np.testing.assert_allclose(outputs, signal * gate_of(means, layer.get_weights()), atol=1e-6)


def test_causal_mean_stays_exact_in_half_precision():
    layer = SqueezeExcite(1, causal=True, dtype="mixed_float16")
    signal = 1 + 0.1 * random_signal(1, 6000, 2)
    layer.build(signal.shape)
    expected = signal * gate_of(signal.cumsum(axis=1) / np.arange(1, 6001)[:, None], layer.get_weights())
    np.testing.assert_allclose(ops.convert_to_numpy(layer(signal)), expected, atol=5e-3)


def gate_of(mean, weights):
    hidden = np.maximum(mean @ weights[0] + weights[1], 0)
    return sigmoid(hidden @ weights[2] + weights[3])


@pytest.mark.parametrize(("shape", "causal"), [((4, 10, 16), False), ((4, 6, 5, 8), False), ((4, 10, 4), True)])
def test_layer_check(shape, causal, tmp_path):
    check_layer(lambda **kw: SqueezeExcite(1, causal, **kw), shape, tmp_path)


def test_refuses_bad_settings():
    with pytest.raises(ValueError, match="reduction=0"):
        SqueezeExcite(0)
    with pytest.raises(ValueError, match="memory=0"):
        SqueezeExcite(causal=True, memory=0)
    with pytest.raises(ValueError, match=r"causal=True.*memory=4"):
        SqueezeExcite(memory=4)
    with pytest.raises(ValueError, match="min_ndim=3"):
        SqueezeExcite()(random_signal(2, 3))
    with pytest.raises(ValueError, match="ndim=3"):
        SqueezeExcite(causal=True)(random_signal(2, 4, 5, 3))
