import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import SharedConv1D
from tests.references import convolve
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_convolves_each_variable_by_the_same_filters(padding):
    layer = SharedConv1D(4, 3, 2, padding, dilation_rate=2)
    model = keras.Sequential([keras.Input((5, None, 2)), layer])
    for time in (5, 9):
        signal = random_signal(3, 5, time, 2)
        kernel = ops.convert_to_numpy(layer.kernel)
        expected = [convolve(signal[:, variable], kernel, padding, 2, 2) for variable in range(5)]
        np.testing.assert_allclose(run(model, signal), np.stack(expected, axis=1), atol=1e-5)
        assert layer.compute_output_shape(signal.shape) == (3, 5, expected[0].shape[1], 4)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: SharedConv1D(3, 3, padding="valid", **kw), (2, 4, 8, 2), tmp_path)


def test_refuses_a_window_shorter_than_the_filter():
    with pytest.raises(ValueError, match="at least 3 samples"):
        SharedConv1D(2, 3, padding="valid")(random_signal(1, 4, 2, 1))
