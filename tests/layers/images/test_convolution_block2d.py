import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import ConvolutionBlock2D
from tests.image_references import convolution_block
from tests.support import check_layer, random_signal, run, scramble


@pytest.mark.parametrize(
    "settings", [{"strides": 2}, {"groups": 2, "dilation_rate": 2, "activation": None}, {"kernel_size": 1}]
)
def test_equals_torch(settings):
    block = ConvolutionBlock2D(6, **settings)
    model = keras.Sequential([keras.Input((9, 6, 4)), block])
    scramble(model)
    image = random_signal(2, 9, 6, 4)
    np.testing.assert_allclose(run(model, image), convolution_block(image, block), atol=1e-5)


def test_a_slope_is_learnt_for_each_channel_and_not_for_places():
    block = ConvolutionBlock2D(6, activation="prelu")
    block.build((None, 9, 6, 4))
    assert [tuple(weight.shape) for weight in block.activate.weights] == [(1, 1, 6)]


@pytest.mark.parametrize("normalization", ["batch", "layer", "group"])
def test_normalises(normalization):
    block = ConvolutionBlock2D(8, normalization=normalization, activation=None)
    outputs = ops.convert_to_numpy(block(100 * random_signal(4, 9, 6, 4), training=True))
    assert abs(outputs.mean()) < 1e-3
    assert abs(outputs.std() - 1) < 1e-2


@pytest.mark.parametrize(
    "settings", [{}, {"groups": 2, "dilation_rate": 2, "normalization": "group", "activation": "prelu"}]
)
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: ConvolutionBlock2D(4, **settings, **kw), (4, 6, 5, 4), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters=0"),
        ({"kernel_size": 0}, "kernel_size=0"),
        ({"groups": 3}, "groups"),
        ({"strides": 2, "dilation_rate": 2}, "dilation_rate"),
        ({"normalization": "bach"}, "Did you mean 'batch'"),
        ({"activation": "rellu"}, "relu"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionBlock2D(**{"filters": 4, **settings})
