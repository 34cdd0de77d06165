"""What each augmentation of images keeps, what it changes, and how its draws are distributed."""

import colorsys
import io
from typing import Any

import numpy as np
import pytest
from keras import ops
from PIL import Image
from scipy import ndimage

from kerashar.features.arrays.edges import LUMA
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.brightness import Brightness
from kerashar.features.augment.images.channel_shuffle import ChannelShuffle
from kerashar.features.augment.images.clahe import Clahe
from kerashar.features.augment.images.color import ColorMap
from kerashar.features.augment.images.color_jitter import ColorJitter
from kerashar.features.augment.images.contrast import Contrast
from kerashar.features.augment.images.flip import Flip
from kerashar.features.augment.images.gamma import Gamma
from kerashar.features.augment.images.gaussian_blur import GaussianBlur
from kerashar.features.augment.images.gaussian_noise import GaussianNoise
from kerashar.features.augment.images.hue_saturation_value import HueSaturationValue
from kerashar.features.augment.images.jpeg_compression import JpegCompression
from kerashar.features.augment.images.median_blur import MedianBlur
from kerashar.features.augment.images.multi_scale import MultiScale
from kerashar.features.augment.images.random_erasing import RandomErasing
from kerashar.features.augment.images.rgb_shift import RgbShift
from kerashar.features.augment.images.rotation import Rotation
from kerashar.features.augment.images.warping import affine_warp
from tests.features.augment.cases import BATCH, changed, images
from tests.features.support import numbers

SHAPE = (12, 12, 3)


def muted_images() -> np.ndarray:
    """Images far enough from black and white that no colour change of the tests is cut."""
    return 128 + (images() - 128) * 0.1


def smooth_images(height: int = 17, width: int = 22) -> np.ndarray:
    """A few images as smooth as photographs."""
    noise = np.random.default_rng(0).uniform(0, 255, size=(6, height, width, 3))
    smooth = ndimage.gaussian_filter(noise, (0, 3, 3, 0))
    low, high = smooth.min(axis=(1, 2), keepdims=True), smooth.max(axis=(1, 2), keepdims=True)
    return (255 * (smooth - low) / (high - low)).round().astype("float32")


def moment_check(draws: np.ndarray, low: float, high: float) -> None:
    """Draws that are uniform from low to high, by their ends, mean and deviation."""
    width = high - low
    assert low - 1e-3 * width <= draws.min() < low + 0.15 * width
    assert high - 0.15 * width < draws.max() <= high + 1e-3 * width
    assert draws.mean() == pytest.approx((low + high) / 2, abs=0.16 * width)
    assert draws.std() == pytest.approx(width / np.sqrt(12), rel=0.25)


def test_flip_mirrors_and_twice_is_identity() -> None:
    samples = images()
    np.testing.assert_array_equal(changed(Flip(rate=1.0), samples), samples[:, :, ::-1])
    np.testing.assert_array_equal(changed(Flip(False, True, rate=1.0), samples), samples[:, ::-1])
    once = changed(Flip(True, True, rate=1.0, seed=1), samples)
    np.testing.assert_array_equal(changed(Flip(True, True, rate=1.0, seed=1), once), samples)
    ways = [samples[:, :, ::-1], samples[:, ::-1], samples[:, ::-1, ::-1]]
    counts = [(once == way).all(axis=(1, 2, 3)).sum() for way in ways]
    assert sum(counts) == BATCH
    assert min(counts) > 8


def test_brightness_multiplies() -> None:
    factors = changed(Brightness(0.2, seed=1), muted_images()) / muted_images()
    assert np.ptp(factors.reshape(BATCH, -1), axis=1).max() < 1e-4
    moment_check(factors[:, 0, 0, 0], 0.8, 1.2)


def test_contrast_keeps_the_mean_grey() -> None:
    samples = muted_images()
    outputs = changed(Contrast(0.5, seed=1), samples)
    grey = (samples @ LUMA).mean(axis=(1, 2)).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose((outputs @ LUMA).mean(axis=(1, 2)), grey.ravel(), rtol=1e-4)
    factors = ((outputs - grey) * (samples - grey)).sum(axis=(1, 2, 3)) / ((samples - grey) ** 2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(outputs, grey + (samples - grey) * factors.reshape(-1, 1, 1, 1), atol=1e-2)
    moment_check(factors, 0.5, 1.5)


def test_rgb_shift_adds_to_each_channel() -> None:
    shifts = (changed(RgbShift(0.1, seed=1), muted_images()) - muted_images()) / 255
    assert np.ptp(shifts, axis=(1, 2)).max() < 1e-5
    for channel in range(3):
        moment_check(shifts[:, 0, 0, channel], -0.1, 0.1)
    assert abs(np.corrcoef(shifts[:, 0, 0, 0], shifts[:, 0, 0, 1])[0, 1]) < 0.5


def test_channel_shuffle_keeps_values() -> None:
    outputs = changed(ChannelShuffle(rate=1.0, seed=1), images())
    np.testing.assert_allclose(np.sort(outputs, axis=-1), np.sort(images(), axis=-1), atol=1e-3)
    red = np.abs(outputs[..., :1] - images()).max(axis=(1, 2)) < 1e-3
    np.testing.assert_array_equal(red.sum(axis=1), 1)
    assert red.sum(axis=0).min() > 8


def test_saturation_and_hue_keep_luminance() -> None:
    samples = muted_images()
    for layer in (ColorJitter(0.0, 0.0, 0.9, 0.0, seed=1), ColorJitter(0.0, 0.0, 0.0, 90.0, seed=1)):
        outputs = changed(layer, samples)
        np.testing.assert_allclose(outputs @ LUMA, samples @ LUMA, atol=0.02)
        assert np.abs(outputs - samples).mean() > 1
    grey = np.repeat(samples[..., :1], 3, axis=-1)
    np.testing.assert_allclose(changed(ColorJitter(0.0, 0.0, 0.9, 180.0, seed=1), grey), grey, atol=0.05)


def test_color_map_is_its_steps_one_after_the_other() -> None:
    pixels = (images() / 255)[:2]
    factors = np.array([0.7, 1.3], "float32").reshape(2, 1, 1)
    colors = ColorMap(ops.convert_to_tensor(pixels))
    for step in (colors.brighten, colors.spread, colors.saturate):
        step(ops.convert_to_tensor(factors))
    colors.turn(ops.convert_to_tensor(np.full((2, 1, 1), 2 * np.pi, "float32")))  # a whole turn
    factors = factors[..., None]
    expected = pixels * factors
    mean = (expected @ LUMA).mean(axis=(1, 2)).reshape(2, 1, 1, 1)
    expected = mean + (expected - mean) * factors
    grey = (expected @ LUMA)[..., None]
    expected = grey + (expected - grey) * factors
    np.testing.assert_allclose(numbers(colors.apply()), expected, atol=1e-4)


def test_gamma_is_a_power() -> None:
    pixels = muted_images() / 255
    powers = np.log(changed(Gamma(2.0, seed=1), muted_images()) / 255) / np.log(pixels)
    assert np.ptp(powers.reshape(BATCH, -1), axis=1).max() < 1e-3
    moment_check(np.log2(powers[:, 0, 0, 0]), -1, 1)


def test_hue_saturation_value_shifts_in_hsv() -> None:
    color = np.array([0.6, 0.4, 0.3])
    samples = np.tile(color.astype("float32"), (BATCH, 2, 2, 1))
    outputs = changed(HueSaturationValue(36.0, 0.2, 0.1, (0, 1), seed=1), samples)[:, 0, 0]
    shifts = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in outputs]) - colorsys.rgb_to_hsv(*color)
    hue = (shifts[:, 0] + 0.5) % 1 - 0.5
    for draws, largest in zip((hue, shifts[:, 1], shifts[:, 2]), (0.1, 0.2, 0.1), strict=True):
        moment_check(draws, -largest, largest)


def test_gaussian_noise_has_a_deviation_per_image() -> None:
    noise = changed(GaussianNoise(0.1, seed=1), np.full((BATCH, *SHAPE), 0.5, "float32") * 255) / 255 - 0.5
    # Measured on 432 values, a deviation is known to about 3 %.
    moment_check(np.minimum(noise.reshape(BATCH, -1).std(axis=1), 0.1), 0.0, 0.1)
    assert noise.reshape(BATCH, -1).std(axis=1).max() < 0.11
    assert np.abs(noise.reshape(BATCH, -1).mean(axis=1)).max() < 0.02


def test_random_erasing_erases_one_rectangle() -> None:
    samples = np.full((BATCH, 40, 40, 2), -5.0, "float32")  # outside the noise's range, and kept where it isn't erased
    outputs = changed(RandomErasing((0.1, 0.3), (0.5, 2.0), (-1, 1), rate=1.0, seed=1), samples)
    erased = (outputs != -5).any(axis=-1)
    ratios = []
    for mask in erased:
        height, width = np.ptp(np.argwhere(mask), axis=0) + 1
        assert mask.sum() == height * width
        ratios.append(height / width)
    moment_check(np.clip(erased.mean(axis=(1, 2)), 0.1, 0.3), 0.1, 0.3)  # sides are whole pixels
    assert erased.mean(axis=(1, 2)).min() > 0.085
    assert erased.mean(axis=(1, 2)).max() < 0.33
    assert 0.45 < min(ratios) < 0.7
    assert 1.5 < max(ratios) < 2.2
    moment_check(outputs[erased].ravel(), -1, 1)


def test_affine_warp_agrees_with_scipy() -> None:
    samples = smooth_images()[:2]
    matrices = np.array([[[0.9, 0.3], [-0.2, 1.1]], [[1.4, 0], [0, 1.4]]], "float32")
    center = (np.array(samples.shape[1:3]) - 1) / 2
    for sample, matrix, warped in zip(samples, matrices, numbers(affine_warp(samples, matrices)), strict=True):
        for channel in range(3):
            expected = ndimage.affine_transform(
                sample[..., channel], matrix, center - matrix @ center, order=1, mode="mirror"
            )
            np.testing.assert_allclose(warped[..., channel], expected, atol=0.01)


def test_affine_warp_keeps_what_it_does_not_move() -> None:
    samples = images()[:2]
    turned = numbers(affine_warp(samples, np.tile(np.array([[0, 1], [-1, 0]], "float32"), (2, 1, 1))))
    np.testing.assert_allclose(turned, np.rot90(samples, axes=(1, 2)), atol=1e-3)
    np.testing.assert_array_equal(
        numbers(affine_warp(samples, np.tile(np.eye(2, dtype="float32"), (2, 1, 1)))), samples
    )


def test_rotation_angles_are_uniform() -> None:
    rows, columns = np.indices((9, 9)) - 4.0
    samples = np.tile(np.stack([rows, columns], axis=-1).astype("float32"), (BATCH, 1, 1, 1))
    outputs = changed(Rotation(40.0, seed=1), samples)
    # One pixel below the centre shows where it came from.
    angles = np.degrees(np.arctan2(outputs[:, 5, 4, 1], outputs[:, 5, 4, 0]))
    moment_check(angles, -40, 40)
    np.testing.assert_allclose(np.linalg.norm(outputs[:, 5, 4], axis=-1), 1, atol=1e-4)


def test_multi_scale_zooms() -> None:
    rows = np.tile((np.indices((9, 9))[0] - 4.0)[..., None].astype("float32"), (BATCH, 1, 1, 1))
    outputs = changed(MultiScale((0.8, 1.0, 1.25), seed=1), rows)
    scales = 1 / outputs[:, 5, 4, 0]
    assert sorted(set(scales.round(4))) == [0.8, 1.0, 1.25]
    assert min(np.unique(scales.round(4), return_counts=True)[1]) > 10


def test_gaussian_blur_agrees_with_scipy() -> None:
    samples = np.random.default_rng(0).uniform(size=(2, 21, 24, 2)).astype("float32")
    outputs = changed(GaussianBlur((1.3, 1.3), rate=1.0), samples)
    expected = ndimage.gaussian_filter(samples, (0, 1.3, 1.3, 0), truncate=6)
    np.testing.assert_allclose(outputs[:, 8:-8, 8:-8], expected[:, 8:-8, 8:-8], atol=1e-3)
    np.testing.assert_allclose(changed(GaussianBlur((0.1, 0.1), rate=1.0), samples), samples, atol=1e-6)
    even = np.ones((1, 6, 7, 1), "float32")
    np.testing.assert_allclose(changed(GaussianBlur((2.0, 2.0), rate=1.0), even), even, atol=1e-5)


@pytest.mark.parametrize("size", [3, 5])
def test_median_blur_agrees_with_scipy(size: int) -> None:
    samples = images()[:2]
    expected = ndimage.median_filter(samples, size=(1, size, size, 1), mode="nearest")
    np.testing.assert_array_equal(changed(MedianBlur(size, rate=1.0), samples), expected)


@pytest.mark.parametrize("quality", [20, 50, 90])
def test_jpeg_agrees_with_pillow(quality: int) -> None:
    samples = smooth_images()
    outputs = changed(JpegCompression((quality, quality), rate=1.0), samples)
    for sample, output in zip(samples, outputs, strict=True):
        file = io.BytesIO()
        Image.fromarray(sample.astype("uint8")).save(file, "jpeg", quality=quality, subsampling=0)
        difference = np.abs(np.asarray(Image.open(file), "float32") - output)
        assert difference.mean() < 1  # Pillow rounds its results, and so the colours, once more


def test_jpeg_loses_more_at_lower_quality() -> None:
    samples = images()
    losses = [np.abs(changed(JpegCompression((q, q), rate=1.0), samples) - samples).mean() for q in (100, 90, 50, 5)]
    assert losses == sorted(losses)
    assert losses[0] < 1
    grey = samples[..., :1]
    assert changed(JpegCompression(rate=1.0), grey).shape == grey.shape


def test_clahe_agrees_with_numpy() -> None:
    samples = smooth_images(18, 23)[..., :1]  # grey values are levels, so that none is rounded up here and down there
    layer = Clahe(clip_limit=3.0, tiles=3, rate=1.0, seed=1)
    outputs = changed(layer, samples)
    limits = numbers(Draws(len(samples), Clahe(seed=1).seed_generator).uniform(1, low=1.0, high=3.0))[:, 0]
    expected = [_clahe(sample, limit, 3) for sample, limit in zip(samples, limits, strict=True)]
    np.testing.assert_allclose(outputs, expected, atol=0.02)


def test_clahe_spreads_a_dull_image_and_keeps_grey() -> None:
    grey = np.repeat(smooth_images()[..., :1], 3, axis=-1)
    dull = 100 + grey / 8
    outputs = changed(Clahe(8.0, tiles=1, rate=1.0, seed=2), dull)
    assert np.median(outputs.std(axis=(1, 2, 3)) / dull.std(axis=(1, 2, 3))) > 2
    assert np.ptp(outputs, axis=-1).max() < 1e-3
    order = np.argsort(dull[..., 0].reshape(len(dull), -1), axis=1, kind="stable")
    along = np.take_along_axis(outputs[..., 0].reshape(len(dull), -1), order, axis=1)
    assert np.diff(along, axis=1).min() > -1.1  # brighter stays brighter, but for the rounding to levels


def _clahe(image: np.ndarray, limit: float, tiles: int) -> np.ndarray:
    """The same by loops: a curve for each tile, interpolated at each pixel."""
    height, width, _ = image.shape
    brightness = image[..., 0] / 255
    levels = np.round(brightness * 255).astype(int)
    tile_row, tile_column = np.arange(height) * tiles // height, np.arange(width) * tiles // width
    curves = np.empty((tiles, tiles, 256))
    for row, column in np.ndindex(tiles, tiles):
        inside = levels[np.ix_(tile_row == row, tile_column == column)]
        shares = np.minimum(np.bincount(inside.ravel(), minlength=256) / inside.size, limit / 256)
        curves[row, column] = np.cumsum(shares + (1 - shares.sum()) / 256)
    output = np.empty_like(image)
    for y, x in np.ndindex(height, width):
        place = [np.clip((at + 0.5) * tiles / size - 0.5, 0, tiles - 1) for at, size in ((y, height), (x, width))]
        equalised = ndimage.map_coordinates(curves[..., levels[y, x]], np.reshape(place, (2, 1)), order=1)[0]
        output[y, x] = np.clip(image[y, x] / 255 + equalised - brightness[y, x], 0, 1) * 255
    return output


@pytest.mark.once
@pytest.mark.parametrize(
    "make",
    [
        lambda: Brightness(-0.1),
        lambda: Brightness(value_range=(255, 0)),
        lambda: Brightness(value_range=(1, 1)),
        lambda: Brightness(value_range=(0, float("inf"))),
        lambda: Contrast(-0.1),
        lambda: ColorJitter(saturation=-0.1),
        lambda: ColorJitter(hue=190.0),
        lambda: RgbShift(1.1),
        lambda: Gamma(0.5),
        lambda: HueSaturationValue(hue=-1.0),
        lambda: HueSaturationValue(value=2.0),
        lambda: GaussianNoise(-0.1),
        lambda: RandomErasing((0.5, 0.1)),
        lambda: RandomErasing(aspect=(0.0, 1.0)),
        lambda: Flip(False, False),
        lambda: Rotation(200.0),
        lambda: MultiScale(()),
        lambda: MultiScale((0.0,)),
        lambda: GaussianBlur((0.0, 1.0)),
        lambda: MedianBlur(4),
        lambda: JpegCompression((0, 50)),
        lambda: Clahe(0.5),
        lambda: Clahe(tiles=0),
        lambda: ColorJitter().build((None, 8, 8, 1)),
        lambda: HueSaturationValue().build((None, 8, 8, 4)),
        lambda: Rotation().build((None, 1, 8, 3)),
        lambda: MultiScale().build((None, 8, 1, 3)),
        lambda: Clahe(tiles=9).build((None, 8, 8, 3)),
    ],
)
def test_refusals(make: Any) -> None:
    with pytest.raises(ValueError, match=r"Expected .* Received: "):
        make()
