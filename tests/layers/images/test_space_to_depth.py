import keras
import numpy as np
import pytest

from kerashar.layers.images import SpaceToDepth, SpaceToDepthConv2D
from tests.image_references import convolution_block
from tests.support import check_layer, random_signal, run, scramble


def space_to_depth(image, size):
    """By the definition, pixel by pixel of the square."""
    return np.concatenate([image[:, row::size, column::size] for row in range(size) for column in range(size)], axis=-1)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_equals_numpy(size):
    image = random_signal(2, 6, 12, 3)
    model = keras.Sequential([keras.Input((6, 12, 3)), SpaceToDepth(size)])
    np.testing.assert_array_equal(run(model, image), space_to_depth(image, size))
    reshaped = image.reshape(2, 6 // size, size, 12 // size, size, 3).transpose(0, 1, 3, 2, 4, 5)
    np.testing.assert_array_equal(run(model, image), reshaped.reshape(2, 6 // size, 12 // size, 3 * size**2))


def test_takes_images_of_any_size_where_it_is_not_known():
    model = keras.Sequential([keras.Input((None, None, 3)), SpaceToDepth(2)])
    assert model.output_shape == (None, None, None, 12)
    for sides in ((2, 4), (6, 2)):
        image = random_signal(2, *sides, 3)
        np.testing.assert_array_equal(run(model, image), space_to_depth(image, 2))


def test_the_convolution_reads_all_pixels():
    layer = SpaceToDepthConv2D(4, block_size=2)
    model = keras.Sequential([keras.Input((6, 10, 3)), layer])
    scramble(model)
    image = random_signal(2, 6, 10, 3)
    expected = convolution_block(space_to_depth(image, 2), layer.convolution)
    np.testing.assert_allclose(run(model, image), expected, atol=1e-5)


@pytest.mark.parametrize("make", [SpaceToDepth, lambda **kw: SpaceToDepthConv2D(4, **kw)])
def test_layer_check(make, tmp_path):
    check_layer(make, (4, 6, 4, 3), tmp_path)


@pytest.mark.parametrize("layer", [SpaceToDepth(4), SpaceToDepthConv2D(2, block_size=4)])
def test_refuses_sides_that_it_does_not_divide(layer):
    with pytest.raises(ValueError, match=r"multiples of 4. Received: image_shape=\(8, 6, 3\)"):
        layer(random_signal(2, 8, 6, 3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"block_size": 0}, "block_size=0"), ({"filters": 0}, "filters=0"), ({"activation": "rellu"}, "relu")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        SpaceToDepthConv2D(**{"filters": 4, **settings})
