import numpy as np
import pytest
from keras import ops
from scipy.special import erf

from kerashar.layers import SignalDecoder
from tests.support import check_layer, random_signal, scramble


def test_equals_the_formula():
    layer = SignalDecoder(2, hidden=5)
    features = random_signal(2, 6, 3)
    layer.build(features.shape)
    scramble(layer)
    enter, enter_bias, leave, leave_bias = layer.get_weights()
    hidden = features @ enter + enter_bias
    expected = hidden * (1 + erf(hidden / np.sqrt(2))) / 2 @ leave + leave_bias
    np.testing.assert_allclose(ops.convert_to_numpy(layer(features)), expected, atol=1e-5)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: SignalDecoder(2, hidden=5, **kw), (4, 6, 3), tmp_path)


@pytest.mark.parametrize("settings", [{"signals": 0}, {"hidden": 0}])
def test_refuses_bad_settings(settings):
    with pytest.raises(ValueError, match="at least 1"):
        SignalDecoder(**{"signals": 2, **settings})
