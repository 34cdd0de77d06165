import keras
import numpy as np
import pytest

from kerashar.layers.images import Conv2D
from tests.image_references import convolve2d
from tests.support import check_layer, random_signal, run, scramble


@pytest.mark.parametrize(
    ("settings", "sides"),
    [
        ({}, (9, 6)),
        ({"strides": 2}, (9, 6)),
        ({"groups": 2}, (9, 6)),
        ({"groups": 4, "strides": 3}, (9, 6)),
        ({"groups": 2, "dilation_rate": 2}, (9, 6)),
        ({}, (3, 6)),  # smaller than the kernel
        ({"groups": 2, "strides": 2}, (4, 7)),
    ],
)
def test_equals_torch(settings, sides):
    layer = Conv2D(8, 5, **settings)
    model = keras.Sequential([keras.Input((*sides, 4)), layer])
    scramble(model)
    image = random_signal(2, *sides, 4)
    kernel, bias = layer.get_weights()
    expected = convolve2d(
        image, kernel, layer.strides[0], dilation=layer.dilation_rate[0], groups=settings.get("groups", 1)
    )
    np.testing.assert_allclose(run(model, image), expected + bias, atol=1e-5)
    # Torch takes many images, and those that want gradients, by other ways.
    many = np.tile(image, (16, 1, 1, 1))
    for outputs in (run(model, many), keras.ops.convert_to_numpy(model(many))):
        np.testing.assert_allclose(outputs, np.tile(expected + bias, (16, 1, 1, 1)), atol=1e-5)


def test_without_padding_groups_shrink_the_image_too():
    layer = Conv2D(4, 3, padding="valid", groups=2)
    image = random_signal(2, 6, 5, 4)
    whole = keras.Sequential([keras.Input((6, 5, 4)), Conv2D(4, 3, groups=2)])
    valid = keras.Sequential([keras.Input((6, 5, 4)), layer])
    whole.set_weights(valid.get_weights())
    np.testing.assert_allclose(run(valid, image), run(whole, image)[:, 1:-1, 1:-1], atol=1e-5)


@pytest.mark.parametrize("groups", [1, 2])
def test_layer_check(groups, tmp_path):
    check_layer(lambda **kw: Conv2D(4, 3, groups=groups, **kw), (2, 6, 5, 4), tmp_path)


@pytest.mark.parametrize("settings", [{"groups": 3}, {"filters": 0}, {"strides": 2, "dilation_rate": 2}])
def test_refuses_bad_settings(settings):
    with pytest.raises(ValueError, match="Received"):
        Conv2D(**{"filters": 4, "kernel_size": 3, **settings})
