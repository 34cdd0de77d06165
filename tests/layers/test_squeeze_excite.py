import numpy as np
import pytest
from keras import ops

from kerashar.layers import SqueezeExcite
from tests.support import check_layer, random_signal


@pytest.mark.parametrize(("channels", "reduction"), [(16, 4), (3, 8), (1, 1)])
def test_equals_the_formula(channels, reduction):
    layer = SqueezeExcite(reduction)
    signal = random_signal(2, 10, channels)
    outputs = ops.convert_to_numpy(layer(signal))
    weights = [ops.convert_to_numpy(weight) for weight in layer.weights]
    assert weights[0].shape == (channels, max(1, channels // reduction))
    hidden = np.maximum(signal.mean(axis=1) @ weights[0] + weights[1], 0)
    gate = 1 / (1 + np.exp(-(hidden @ weights[2] + weights[3])))
    np.testing.assert_allclose(outputs, signal * gate[:, None], atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 10, 16), (4, 6, 5, 8)])
def test_layer_check(shape, tmp_path):
    check_layer(lambda **kw: SqueezeExcite(1, **kw), shape, tmp_path)


def test_refuses_bad_settings():
    with pytest.raises(ValueError, match="reduction=0"):
        SqueezeExcite(0)
    with pytest.raises(ValueError, match="min_ndim=3"):
        SqueezeExcite()(random_signal(2, 3))
