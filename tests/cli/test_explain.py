from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerashar import explanations
from kerashar.models import InputCard, create_model, save_model
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


@pytest.mark.parametrize("method", ["grad_cam", "attention", "occlusion", "integrated_gradients"])
def test_images_and_folders(method, folder):
    arguments = ["vit.keras", "cats", "cats/1.png", "--method", method, "--out", f"{method}.png"]
    done = kerashar("explain", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"4 explanations written to {method}.png" in done.stdout
    with Image.open(folder / f"{method}.png") as picture:
        assert min(picture.size) > 100


@pytest.fixture
def drawn(monkeypatch):
    """Which titles and names of channels the picture has."""
    given = []
    draw = explanations.draw_explanations

    def noted(samples, maps, path, *names):
        given.extend(names)
        draw(samples, maps, path, *names)

    monkeypatch.setattr(explanations, "draw_explanations", noted)
    return given


def test_a_card_names_the_classes_and_broken_images_are_left_out(folder, drawn):
    model = create_model("vit_tiny", (16, 16, 3), 4, width=8, depth=1, heads=1, patch_size=4)
    model.input_card = InputCard("image", ("cat",) * 4, (16, 16, 3))
    save_model(model, folder / "named.keras")
    (folder / "mixed").mkdir()
    Image.new("RGB", (16, 16)).save(folder / "mixed" / "good.png")
    (folder / "mixed" / "bad.png").write_bytes(b"no image")
    done = kerashar("explain", "named.keras", "mixed", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"left out: {Path('mixed', 'bad.png')}: not an image" in done.stderr
    assert drawn == [["good.png: cat"], None]


@pytest.fixture(scope="module")
def watch():
    from kerashar.data import load_windows

    return load_windows("watch")


def small_model(watch, **card):
    from kerashar.training.input_cards import card_of

    model = create_model("modern_tcn", watch.window_shape, watch.num_classes, hidden=4, blocks=1)
    model.input_card = replace(card_of(watch), **card)
    return model


def test_windows_of_a_data_set(folder, drawn, watch):
    save_model(small_model(watch), folder / "watch.keras")
    arguments = ["explain", "watch.keras", "--data", "watch", "--windows", 3, "--class", 2, "--out", "watch.png"]
    for method in ("occlusion", "integrated_gradients"):
        done = kerashar(*arguments, "--method", method, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "3 explanations written" in done.stdout
        titles, channels = drawn[-2:]
        assert all(title.split(": ")[1] in watch.class_names for title in titles)
        assert channels == watch.channels
        with Image.open(folder / "watch.png") as picture:
            assert np.asarray(picture).std() > 5


def test_other_units_than_the_model_was_trained_on_are_refused(folder, watch):
    save_model(small_model(watch, units=("furlong",) * 6, rate=25.0), folder / "other.keras")
    for command in ("explain", "channels"):
        done = kerashar(command, "other.keras", "--data", "watch", cwd=folder)
        expect_one_line_error(done, "as the model was trained on", "in place of 25.0", "furlong")


def test_channels_of_a_data_set(folder, watch):
    model = create_model("mini_rocket", watch.window_shape, watch.num_classes, num_features=84)
    some = watch.select(slice(None, None, 5))
    model.get_layer("normalization").fit(some.windows)
    model.fit(some.windows, some.labels, epochs=1, verbose=0)
    save_model(model, folder / "rocket.keras")
    done = kerashar("channels", "rocket.keras", "--data", "watch", "--repeats", 2, "--out", "bars.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in watch.channels)
    sensors = [line for line in done.stdout.splitlines() if ", all" in line]
    assert len(sensors) == 2
    assert max(float(line.split("│")[2].split("%")[0]) for line in sensors) > 5  # percent
    assert "written to bars.png" in done.stdout
    with Image.open(folder / "bars.png") as picture:
        assert np.asarray(picture).std() > 5


def test_mistakes_are_one_line(folder):
    explain = ["explain", "vit.keras"]
    expect_one_line_error(kerashar(*explain, cwd=folder), "images or --data")
    expect_one_line_error(kerashar(*explain, "cats", "--data", "watch", cwd=folder), "images or --data")
    expect_one_line_error(kerashar(*explain, "cats", "--class", 4, cwd=folder), "from 0 to 3", "class_index=4")
    wrong = kerashar(*explain, "cats", "--method", "attention", "--class", 1, cwd=folder)
    expect_one_line_error(wrong, "tells classes apart")
    wrong = kerashar(*explain, "cats", "--method", "occlusion", "--layer", "stem", cwd=folder)
    expect_one_line_error(wrong, "--method grad_cam", "Received: --method occlusion")
    expect_one_line_error(kerashar(*explain, "nosuch.png", cwd=folder), "nosuch.png")
    expect_one_line_error(kerashar(*explain, "nosuch", cwd=folder), "nothing at nosuch")
    (folder / "broken.png").write_bytes(b"no image")
    expect_one_line_error(kerashar(*explain, "broken.png", cwd=folder), "broken.png: ", "not an image")
    (folder / "empty").mkdir(exist_ok=True)
    expect_one_line_error(kerashar(*explain, "empty", cwd=folder), "in empty. Received: none")
    expect_one_line_error(kerashar(*explain, *["cats"] * 21, cwd=folder), "at most 60 images", "Received: 63")
    expect_one_line_error(kerashar("explain", "tcn.keras", "cats", cwd=folder), "grey or RGB", "(None, 128, 6)")
    expect_one_line_error(kerashar("explain", "tcn.keras", "--data", "watch", cwd=folder), "classes for watch")
    expect_one_line_error(kerashar("channels", "tcn.keras", "--data", "watch", cwd=folder), "classes for watch")
    expect_one_line_error(kerashar("channels", "vit.keras", cwd=folder), "model of windows", "(None, 16, 16, 3)")
    assert not (folder / "channels.png").exists()
