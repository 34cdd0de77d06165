import numpy as np
import pytest
from PIL import Image

from kerashar.models import create_model, save_model
from tests.cli.support import expect_one_line_error, kerashar

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explained")
    vit = create_model("vit_tiny", (16, 16, 3), 4, width=8, depth=1, heads=1, patch_size=4)
    save_model(vit, folder / "vit.keras")
    save_model(create_model("modern_tcn", (128, 6), 12, hidden=4, blocks=1), folder / "tcn.keras")
    (folder / "cats").mkdir()
    for number, size in enumerate([(40, 20), (16, 16), (8, 8)]):
        Image.new("RGB", size, (60 * number, 100, 50)).save(folder / "cats" / f"{number}.png")
    return folder


@pytest.mark.parametrize("method", ["grad_cam", "attention"])
def test_images_and_folders(method, folder):
    arguments = ["vit.keras", "cats", "cats/1.png", "--method", method, "--out", f"{method}.png"]
    done = kerashar("explain", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"4 explanations written to {method}.png" in done.stdout
    with Image.open(folder / f"{method}.png") as picture:
        assert min(picture.size) > 100


def test_windows_of_a_data_set(folder):
    from kerashar.data import load_windows

    watch = load_windows("watch")
    model = create_model("modern_tcn", watch.window_shape, watch.num_classes, hidden=4, blocks=1)
    save_model(model, folder / "watch.keras")
    arguments = ["explain", "watch.keras", "--data", "watch", "--windows", 3, "--class", 2, "--out", "watch.png"]
    done = kerashar(*arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "3 explanations written" in done.stdout
    with Image.open(folder / "watch.png") as picture:
        assert np.asarray(picture).std() > 5


def test_mistakes_are_one_line(folder):
    explain = ["explain", "vit.keras"]
    expect_one_line_error(kerashar(*explain, cwd=folder), "images or --data")
    expect_one_line_error(kerashar(*explain, "cats", "--data", "watch", cwd=folder), "images or --data")
    expect_one_line_error(kerashar(*explain, "cats", "--class", 4, cwd=folder), "from 0 to 3", "class_index=4")
    wrong = kerashar(*explain, "cats", "--method", "attention", "--layer", "stem", cwd=folder)
    expect_one_line_error(wrong, "--method grad_cam")
    expect_one_line_error(kerashar(*explain, "nosuch.png", cwd=folder), "nosuch.png")
    (folder / "broken.png").write_bytes(b"no image")
    expect_one_line_error(kerashar(*explain, "broken.png", cwd=folder), "broken.png (not an image)")
    (folder / "empty").mkdir(exist_ok=True)
    expect_one_line_error(kerashar(*explain, "empty", cwd=folder), "in empty. Received: none")
    expect_one_line_error(kerashar(*explain, *["cats"] * 21, cwd=folder), "at most 60 images", "Received: 63")
    expect_one_line_error(kerashar("explain", "tcn.keras", "cats", cwd=folder), "grey or RGB", "(None, 128, 6)")
    expect_one_line_error(kerashar("explain", "tcn.keras", "--data", "watch", cwd=folder), "classes for watch")
    assert not (folder / "explanations.png").exists()
