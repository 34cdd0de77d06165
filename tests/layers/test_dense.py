import keras
import numpy as np
import pytest

from kerashar.layers import Dense
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("settings", [{}, {"use_bias": False}, {"activation": "tanh"}])
def test_equals_that_of_keras(settings):
    ours, theirs = (
        keras.Sequential([keras.Input((7, 5)), layer(4, bias_initializer="random_normal", **settings)])
        for layer in (Dense, keras.layers.Dense)
    )
    theirs.set_weights(ours.get_weights())
    signal = random_signal(2, 7, 5)
    np.testing.assert_allclose(run(ours, signal), run(theirs, signal), atol=1e-6)


@pytest.mark.parametrize("use_bias", [True, False])
def test_layer_check(use_bias, tmp_path):
    check_layer(lambda **kw: Dense(4, use_bias=use_bias, **kw), (2, 6, 3), tmp_path)


def test_refuses_no_units():
    with pytest.raises(ValueError, match="0"):
        Dense(0)
