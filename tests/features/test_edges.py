from functools import partial

import matplotlib
import numpy as np
import pytest
from scipy import ndimage

from kerashar.features.edges.edge_magnitude import EdgeMagnitude
from kerashar.features.edges.grayscale import Grayscale
from kerashar.features.edges.heat_map import HeatMap
from kerashar.features.edges.image_gradients import ImageGradients
from kerashar.features.edges.laplacian_edges import LaplacianEdges
from tests.features.support import assert_close, check_feature, numbers

IMAGES = np.random.default_rng(0).uniform(0, 255, size=(1, 7, 6, 3)).astype("float32")
GREY = IMAGES[..., :1]


def plane(function):
    """A function of SciPy on each channel of each image."""
    return np.stack([np.stack([function(channel) for channel in image.T]).T for image in IMAGES])


def test_gradients_are_those_of_scipy():
    # The planes come transposed: their first axis is the width.
    expected = [plane(partial(ndimage.sobel, axis=axis)) / 4 for axis in (0, 1)]
    assert_close(check_feature(ImageGradients(), IMAGES), np.concatenate(expected, axis=-1))


@pytest.mark.parametrize(("kind", "function", "weight"), [("sobel", ndimage.sobel, 4), ("prewitt", ndimage.prewitt, 3)])
def test_edges_are_those_of_scipy(kind, function, weight):
    expected = np.sqrt(plane(lambda channel: (function(channel, 0) ** 2 + function(channel, 1) ** 2) / 2)) / weight
    assert_close(check_feature(EdgeMagnitude(kind), IMAGES), expected)


def test_scharr_is_the_correlation_with_its_kernel():
    kernel = np.outer([3, 10, 3], [-1, 0, 1]) / 16
    across, down = (plane(partial(ndimage.correlate, weights=each)) for each in (kernel, kernel.T))
    assert_close(check_feature(EdgeMagnitude("scharr"), IMAGES), np.sqrt((across**2 + down**2) / 2))


def test_laplacian_is_that_of_scipy():
    expected = plane(ndimage.laplace)
    assert_close(check_feature(LaplacianEdges(), IMAGES), expected)
    assert_close(LaplacianEdges()(np.concatenate([IMAGES, -IMAGES])), np.concatenate([expected, -expected]))


def test_grayscale_weighs_the_colours():
    check_feature(Grayscale(), IMAGES)
    assert_close(numbers(Grayscale()(np.eye(3, dtype="float32")[None, None]))[0, 0, :, 0], [0.299, 0.587, 0.114])


def test_heat_map_is_that_of_matplotlib():
    colours = matplotlib.colormaps["inferno"](GREY[..., 0] / 255)[..., :3]
    assert_close(check_feature(HeatMap("inferno"), GREY), colours)
    assert_close(check_feature(HeatMap("inferno", value_range=(0.0, 1.0)), GREY / 255), colours)
    of_colours = matplotlib.colormaps["inferno"](IMAGES @ [0.299, 0.587, 0.114] / 255)[..., :3]
    assert_close(HeatMap("inferno")(IMAGES), of_colours)
    beyond = numbers(HeatMap("gray")(np.array([-9.0, 999.0])[None, None, :, None]))
    assert_close(beyond[0, 0], [[0, 0, 0], [1, 1, 1]])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: EdgeMagnitude("sobl"), "sobel"),
        (lambda: EdgeMagnitude()(IMAGES[:, 0]), "height, width"),
        (lambda: Grayscale()(GREY), "channels=1"),
        (lambda: HeatMap("virids"), "viridis"),
        (lambda: HeatMap(value_range=(1, 1)), "value_range="),
        (lambda: HeatMap()(IMAGES[..., :2]), "channels=2"),
    ],
)
def test_refuses(build, message):
    with pytest.raises(ValueError, match=message):
        build()
