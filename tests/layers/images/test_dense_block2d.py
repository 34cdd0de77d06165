import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import DenseBlock2D
from tests.image_references import convolve2d
from tests.references import batch_normalise
from tests.support import check_layer, random_signal, run, scramble


def test_equals_torch():
    block = DenseBlock2D(3, growth=2, dropout=0.5)
    model = keras.Sequential([keras.Input((9, 6, 4)), block])
    scramble(model)
    image = random_signal(2, 9, 6, 4)
    expected = image
    for norm, convolution in zip(block.norms, block.convolutions, strict=True):
        (kernel,) = convolution.get_weights()
        assert kernel.shape == (7, 7, expected.shape[-1], 2)
        added = convolve2d(np.maximum(batch_normalise(expected, norm), 0), kernel)
        expected = np.concatenate([expected, added], axis=-1)
    np.testing.assert_allclose(run(model, image), expected, atol=1e-5)


def test_drops_what_convolutions_add_and_not_the_image():
    block = DenseBlock2D(2, growth=4, kernel_size=3, dropout=0.5, seed=1)
    image = random_signal(4, 9, 6, 3)
    outputs = ops.convert_to_numpy(block(image, training=True))
    np.testing.assert_array_equal(outputs[..., :3], image)
    dropped = outputs[..., 3:] == 0
    assert 0.4 < dropped.mean() < 0.6
    assert (dropped[..., :4] != dropped[..., 4:]).any()


@pytest.mark.parametrize("settings", [{}, {"normalization": "group", "activation": "prelu", "dropout": 0.2, "seed": 1}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: DenseBlock2D(2, 4, 3, **settings, **kw), (4, 6, 5, 4), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"growth": 0}, "growth=0"),
        ({"kernel_size": 0}, "kernel_size=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"activation": "rellu"}, "relu"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DenseBlock2D(**{"depth": 2, **settings})
