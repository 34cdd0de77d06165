import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import Conv1D, combined_span
from tests.references import convolve
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_equals_the_definition(padding, strides, dilation):
    for taps, time in ((1, 15), (4, 16), (5, 17)):
        layer = Conv1D(4, taps, strides, padding, dilation)
        signal = random_signal(2, time, 3, seed=time)
        outputs = ops.convert_to_numpy(layer(signal))
        expected = convolve(signal, ops.convert_to_numpy(layer.kernel), padding, strides, dilation)
        assert outputs.shape == tuple(layer.compute_output_shape(signal.shape))
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_dynamic_time(padding, strides):
    layer = Conv1D(4, 3, strides, padding, dilation_rate=2)
    model = keras.Sequential([keras.Input((None, 3)), layer])
    for time in (5, 8):
        signal = random_signal(2, time, 3)
        expected = ops.convert_to_numpy(layer(signal))
        np.testing.assert_allclose(run(model, signal), expected, atol=1e-6)


@pytest.mark.parametrize(
    "settings", [{}, {"padding": "causal", "dilation_rate": 2, "strides": 2}, {"kernel_size": 1, "use_bias": False}]
)
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: Conv1D(**{"filters": 5, "kernel_size": 3, **settings}, **kw), (4, 16, 3), tmp_path)


def test_combined_span_counts_strides():
    layers = [Conv1D(1, 5, strides=2), Conv1D(1, 3, dilation_rate=2), Conv1D(1, 1, strides=2), Conv1D(1, 2)]
    assert combined_span(layers) == 5 + 2 * 4 + 4 * 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"filters": 0}, "filters=0"), ({"kernel_size": 2.0}, "kernel_size=2.0"), ({"padding": "full"}, "padding='full'")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        Conv1D(**{"filters": 2, "kernel_size": 3, **settings})


def test_refuses_what_it_cannot_build_on():
    with pytest.raises(ValueError, match="known number of channels"):
        Conv1D(2, 3)(keras.Input((8, None)))
    with pytest.raises(ValueError, match="at least 7 samples"):
        Conv1D(2, 4, padding="valid", dilation_rate=2)(random_signal(1, 6, 2))
