import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from kerashar.layers import SelfAttention
from tests.references import layer_normalise
from tests.support import check_layer, random_signal, run, scramble


def test_equals_the_formula():
    layer = SelfAttention(2)
    model = keras.Sequential([keras.Input((7, 6)), layer])
    scramble(model)
    signal = random_signal(3, 7, 6)
    normalised = layer_normalise(signal, *layer.norm.get_weights())
    *kernels, kernel = layer.attention.get_weights()
    query, key, value = (np.einsum("btc,chd->bhtd", normalised, weights) for weights in kernels)
    weights = softmax(np.einsum("bhtd,bhsd->bhts", query, key) / np.sqrt(3), axis=-1)
    expected = signal + np.einsum("bhts,bhsd,hdc->btc", weights, value, kernel)
    np.testing.assert_allclose(run(model, signal), expected, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.attention_weights(signal)), weights, atol=1e-5)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: SelfAttention(2, dropout=0.1, seed=1, **kw), (4, 8, 4), tmp_path)


def test_takes_any_window_length():
    model = keras.Sequential([keras.Input((None, 4)), SelfAttention(2)])
    for time in (1, 5):
        assert run(model, random_signal(2, time, 4)).shape == (2, time, 4)


@pytest.mark.parametrize(
    ("settings", "message"), [({"heads": 0}, "heads=0"), ({"dropout": 1.0}, "dropout=1.0"), ({"heads": 3}, "heads=3")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        SelfAttention(**{"heads": 2, **settings})(random_signal(2, 5, 4))
