import numpy as np
import pytest
from keras import ops

from kerashar.layers import CompressedCopy
from tests.support import check_layer, random_signal


def test_equals_the_formula():
    signal = random_signal(2, 10, 3) * 10
    outputs = ops.convert_to_numpy(CompressedCopy(20.0)(signal))
    np.testing.assert_array_equal(outputs[..., :3], signal)
    np.testing.assert_allclose(outputs[..., 3:], np.arcsinh(20 * signal) / np.arcsinh(20), rtol=2e-5, atol=1e-6)


def test_layer_check(tmp_path):
    check_layer(CompressedCopy, (2, 8, 3), tmp_path)


@pytest.mark.parametrize("gain", [0, -1.0, float("nan")])
def test_refuses_a_gain_that_is_not_above_zero(gain):
    with pytest.raises(ValueError, match="gain above 0"):
        CompressedCopy(gain)
