import numpy as np
import pytest
from PIL import Image

from kerashar.explanations import draw_explanations

pytestmark = pytest.mark.once


def drawn(samples, maps, path, titles=None) -> np.ndarray:
    draw_explanations(samples, maps, path, titles)
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_with_their_maps(channels, tmp_path):
    images = np.full((4, 16, 16, channels), 128, "uint8")
    maps = np.zeros((4, 16, 16))
    even = drawn(images, maps, tmp_path / "even.png")
    maps[:, 4:8, 4:8] = 1
    seen = drawn(images, maps, tmp_path / "seen.png")
    assert even.shape == seen.shape
    changed = (even != seen).any(axis=2)
    assert 0.01 < changed.mean() < 0.1  # the spots alone
    # The plain images have no colour, whatever their map.
    assert ((seen == 128).all(axis=2)).mean() > 0.2
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["even.png", "seen.png"]


def test_signals_with_their_maps(tmp_path):
    windows = np.zeros((2, 100, 3), "float32")
    maps = np.zeros((2, 100))
    maps[:, 70:80] = 1
    picture = drawn(windows, maps, tmp_path / "signals.png", ["a", "b"])
    orange = (picture[..., 0] > 120) & (picture[..., 2] < 120) & (picture[..., 1] < picture[..., 0] - 30)
    columns = np.flatnonzero(orange.sum(axis=0) > 0.3 * len(picture)) / picture.shape[1]
    assert 0.65 < columns.min() < columns.max() < 0.85


def test_signals_with_maps_of_their_channels(tmp_path):
    windows, maps = np.zeros((1, 100, 4)), np.zeros((1, 100, 4))
    maps[0, 70:80, 1] = 3e-3  # the second band from the top speaks for the class
    maps[0, 20:30, 3] = -3e-3  # and the last one against it
    path = tmp_path / "channels.png"
    draw_explanations(windows, maps, path, channels=["a", "b", "c", "d"])
    with Image.open(path) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    red, green, blue = np.moveaxis(picture, 2, 0)
    for colour, across, down in (
        ((red > blue + 60) & (red > green + 30), (0.65, 0.85), (0.15, 0.5)),
        ((blue > green + 30) & (blue > red), (0.2, 0.4), (0.5, 0.9)),
    ):
        rows, columns = (at / size for at, size in zip(np.nonzero(colour), colour.shape, strict=True))
        assert len(rows) > 200
        assert across[0] < columns.min() < columns.max() < across[1]
        assert down[0] < rows.min() < rows.max() < down[1]


def test_maps_of_an_images_channels_are_summed(tmp_path):
    images = np.full((1, 16, 16, 3), 128, "uint8")
    maps = np.random.default_rng(0).normal(size=images.shape)
    summed = drawn(images, maps.sum(axis=-1), tmp_path / "summed.png")
    np.testing.assert_array_equal(drawn(images, maps, tmp_path / "maps.png"), summed)


def test_a_failure_leaves_the_old_picture(tmp_path):
    path = tmp_path / "old.nosuch"
    path.write_text("old")
    with pytest.raises(ValueError, match="nosuch"):
        draw_explanations(np.zeros((1, 8, 2)), np.zeros((1, 8)), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_refuses_what_does_not_belong_together(tmp_path):
    path = tmp_path / "picture.png"
    images = np.zeros((2, 8, 8, 3))
    for samples, maps in ((images, np.zeros((2, 8))), (images[:0], np.zeros((0, 8, 8))), (images[0, 0], images[0, 0])):
        with pytest.raises(ValueError, match="Expected windows"):
            draw_explanations(samples, maps, path)
    with pytest.raises(ValueError, match="4 channels"):
        draw_explanations(np.zeros((2, 8, 8, 4)), np.zeros((2, 8, 8)), path)
    with pytest.raises(ValueError, match=r"each of 3 channels\. Received: 1 names"):
        draw_explanations(images, images, path, channels=["one"])
    with pytest.raises(ValueError, match=r"each of 2 samples\. Received: 1 titles"):
        draw_explanations(images, np.zeros((2, 8, 8)), path, ["one"])
    assert not path.exists()
