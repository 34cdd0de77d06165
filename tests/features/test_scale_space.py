import numpy as np
import pytest
from scipy import ndimage

from kerashar.features.scale_space.difference_of_gaussians import DifferenceOfGaussians
from kerashar.features.scale_space.gaussian_derivative import GaussianDerivative
from kerashar.features.scale_space.gaussian_pyramid import GaussianPyramid
from kerashar.features.scale_space.gaussian_smoothing import GaussianSmoothing
from kerashar.features.scale_space.scale_space import ScaleSpace
from tests.features.support import assert_close, check_feature

SIGNALS = np.random.default_rng(0).normal(2, 1, size=(1, 33, 3)).astype("float32")
IMAGES = np.random.default_rng(0).uniform(0, 255, size=(1, 5, 4, 3)).astype("float32")


TRUNCATE = 2.0  # few taps, since JAX compiles each


def smooth(windows, *sigmas, order=0):
    """One copy for each sigma, by SciPy, along all axes between batch and channels."""
    between = windows.ndim - 2
    return [ndimage.gaussian_filter(windows, [0, *[sigma] * between, 0], order, truncate=TRUNCATE) for sigma in sigmas]


@pytest.mark.parametrize("mode", ["reflect", "nearest", "mirror", "wrap", "constant"])
def test_smoothing_is_that_of_scipy(mode):
    expected = ndimage.gaussian_filter1d(SIGNALS, 2.0, axis=1, mode=mode, truncate=TRUNCATE)
    assert_close(GaussianSmoothing(2.0, mode, TRUNCATE)(SIGNALS), expected)


def test_images_are_smoothed_along_height_and_width():
    feature = GaussianSmoothing(2.5, truncate=TRUNCATE)  # reaches farther than the image
    assert_close(check_feature(feature, IMAGES), smooth(IMAGES, 2.5)[0])


def test_derivatives_are_those_of_scipy():
    assert_close(check_feature(GaussianDerivative(), SIGNALS), ndimage.gaussian_filter1d(SIGNALS, 1, axis=1, order=1))
    expected = ndimage.gaussian_filter(IMAGES, (0, 1.5, 1.5, 0), (0, 0, 2, 0), truncate=TRUNCATE)
    assert_close(check_feature(GaussianDerivative(1.5, order=2, axis=2, truncate=TRUNCATE), IMAGES), expected)


def test_pyramid_of_signals_lies_along_time():
    half = smooth(SIGNALS, 1)[0][:, ::2]
    quarter = smooth(half, 1)[0][:, ::2]
    assert_close(
        check_feature(GaussianPyramid(2, truncate=TRUNCATE), SIGNALS), np.concatenate([SIGNALS, half, quarter], axis=1)
    )


def test_pyramid_of_images_repeats_pixels():
    half = smooth(IMAGES, 1)[0][:, ::2, ::2]
    outputs = check_feature(GaussianPyramid(1, truncate=TRUNCATE), IMAGES)
    assert_close(outputs[..., :3], IMAGES)
    assert_close(outputs[:, ::2, 1::2, 3:], half)
    assert_close(outputs[:, 1::2, ::2, 3:], half[:, :2])


@pytest.mark.parametrize("windows", [SIGNALS, IMAGES])
def test_scales_are_those_of_scipy(windows):
    expected = smooth(windows, 0.5, 2.0, order=1)
    assert_close(
        check_feature(ScaleSpace((0.5, 2.0), 1, truncate=TRUNCATE), windows), np.concatenate(expected, axis=-1)
    )
    fine, middle, coarse = smooth(windows, 1.0, 2.0, 3.0)
    expected = np.concatenate([fine - middle, middle - coarse], axis=-1)
    assert_close(check_feature(DifferenceOfGaussians((1.0, 2.0, 3.0), truncate=TRUNCATE), windows), expected)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: GaussianSmoothing(0.0), "sigma=0.0"),
        (lambda: GaussianSmoothing(mode="nearst"), "nearest"),
        (lambda: GaussianSmoothing(truncate=-1.0), "truncate=-1.0"),
        (lambda: GaussianDerivative(order=0), "order=0"),
        (lambda: GaussianDerivative(axis=3), "axis=3"),
        (lambda: GaussianDerivative(axis=2)(SIGNALS), "axis=2"),
        (lambda: GaussianPyramid(6)(SIGNALS), "at most 5 levels"),
        (lambda: ScaleSpace(()), "sigmas="),
        (lambda: ScaleSpace((1.0, -1.0)), "sigma=-1.0"),
        (lambda: DifferenceOfGaussians((1.0,)), "at least 2 sigmas"),
    ],
)
def test_refuses(build, message):
    with pytest.raises(ValueError, match=message):
        build()
