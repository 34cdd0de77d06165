import numpy as np
import pytest
from keras import ops

from kerashar.layers.images import ImageNormalization
from tests.support import check_layer, random_signal


def test_equals_numpy_and_inverts():
    images = (random_signal(6, 5, 4, 3) * [20, 50, 1] + [120, 100, 3]).astype("float32")
    layer = ImageNormalization()
    layer.fit(images)
    expected = (images - images.mean(axis=(0, 1, 2))) / images.std(axis=(0, 1, 2))
    normalised = layer(images)
    np.testing.assert_allclose(ops.convert_to_numpy(normalised), expected, atol=1e-3)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.inverse(normalised)), images, atol=1e-3)


def test_images_of_bytes_fit_like_those_of_floats():
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 3)).astype("uint8")
    of_bytes, of_floats = ImageNormalization(), ImageNormalization()
    of_bytes.fit(images)
    of_floats.fit(images.astype("float32"))
    for one, other in zip(of_bytes.weights, of_floats.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


def test_refuses_what_are_not_images():
    layer = ImageNormalization()
    layer.build((None, 8, 8, 3))
    for shape in ((4, 8, 8, 1), (4, 8, 3), (0, 8, 8, 3)):
        with pytest.raises(ValueError, match=r"Expected images \(n, height, width, 3\)"):
            layer.fit(np.zeros(shape, "float32"))
    with pytest.raises(ValueError, match="Expected finite images"):
        layer.fit(np.full((2, 8, 8, 3), np.nan, "float32"))


def test_layer_check(tmp_path):
    check_layer(ImageNormalization, (2, 6, 5, 3), tmp_path)
