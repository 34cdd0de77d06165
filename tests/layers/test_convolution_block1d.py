import keras
import numpy as np
import pytest

from kerashar.layers import ConvolutionBlock1D, combined_span
from tests.references import batch_normalise, convolve
from tests.support import check_layer, random_signal, run, scramble


def test_equals_the_definition():
    block = ConvolutionBlock1D(4, 5, strides=2)
    model = keras.Sequential([keras.Input((None, 3)), block])
    scramble(model)
    for time in (1, 8):
        signal = random_signal(2, time, 3)
        convolved = convolve(signal, *block.convolution.get_weights(), strides=2)
        expected = np.maximum(batch_normalise(convolved, block.norm), 0)
        np.testing.assert_allclose(run(model, signal), expected, atol=1e-5)


def test_span_and_strides_add_up():
    assert combined_span(ConvolutionBlock1D(4, 5, strides=2) for _ in range(3)) == 29


@pytest.mark.parametrize("settings", [{}, {"normalization": "group", "activation": "prelu"}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: ConvolutionBlock1D(4, 3, 2, **settings, **kw), (4, 8, 3), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters=0"),
        ({"strides": 0}, "strides=0"),
        ({"normalization": "bach"}, "Did you mean 'batch'"),
        ({"activation": "rely"}, "Did you mean 'relu'"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionBlock1D(**{"filters": 4, "kernel_size": 3, **settings})
