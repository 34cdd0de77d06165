import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import WideDense
from tests.support import check_layer, random_signal


@pytest.mark.parametrize("width", [1, 64, 10_001])
def test_equals_the_definition_closely(width):
    layer, features = WideDense(3), random_signal(4, width)
    layer.build(features.shape)
    kernel, bias = 0.1 * random_signal(width, 3, seed=1), random_signal(3, seed=2)
    layer.set_weights([kernel, bias])
    expected = features.astype("float64") @ kernel.astype("float64") + bias
    # One long sum is up to 5e-5 off on some backends.
    np.testing.assert_allclose(ops.convert_to_numpy(layer(features)), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"activation": "tanh", "use_bias": False}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: WideDense(5, **settings, **kw), (4, 70), tmp_path)
    assert isinstance(WideDense(5), keras.layers.Dense)
