import numpy as np
import pytest
from keras import ops

from kerashar.layers import ReversibleNormalization
from tests.support import check_layer, random_signal


@pytest.mark.parametrize("affine", [True, False])
def test_equals_the_definition_and_its_inverse(affine):
    window = 3 * random_signal(4, 20, 3) + 9.81
    layer = ReversibleNormalization(affine)
    layer.build(window.shape)
    scale, shift = np.array([1.0, 2.0, -0.5]), np.array([0.0, 1.0, -1.0])
    if affine:
        layer.set_weights([scale, shift])
    centred = window - window.mean(axis=1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    expected = expected * scale + shift if affine else expected
    outputs = layer(window)
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), expected, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.inverse(outputs, window)), window, atol=1e-4)


def test_a_single_sample_is_its_own_mean():
    np.testing.assert_array_equal(ops.convert_to_numpy(ReversibleNormalization()(random_signal(2, 1, 3))), 0)


@pytest.mark.parametrize("affine", [True, False])
def test_layer_check(affine, tmp_path):
    check_layer(lambda **kw: ReversibleNormalization(affine, **kw), (4, 16, 3), tmp_path)
