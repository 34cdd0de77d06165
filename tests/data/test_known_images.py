"""The data set of images that needs no download."""

import os
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from kerashar.cli.data import print_list
from kerashar.data import data_set
from kerashar.data.images import cached_images, decode_images, find_images, split_images, unlabelled_images
from kerashar.data.images.digits import DIGITS
from kerashar.data.tables.import_recordings import check_target
from kerashar.training import Recipe, recipe_split
from tests.cli.support import expect_one_line_error, kerashar
from tests.training.image_folders import make_images, write_images

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache in which two processes, started at once, made the data set and decoded it."""
    cache = tmp_path_factory.mktemp("cache")
    code = "from kerashar.data.images import cached_images\nprint(cached_images('digits', 8, channels=1).fingerprint())"
    own = {**os.environ, "KERASHAR_CACHE": str(cache)}
    started = [subprocess.Popen([sys.executable, "-c", code], env=own, text=True, stdout=-1, stderr=-1) for _ in "12"]
    said = [each.communicate(timeout=300) for each in started]
    assert [each.returncode for each in started] == [0, 0], said
    assert len({output for output, _ in said}) == 1, said
    return cache


@pytest.fixture(autouse=True)
def own_cache(cache, monkeypatch):
    monkeypatch.setenv("KERASHAR_CACHE", str(cache))


def test_two_processes_at_once_leave_one_data_set(cache):
    assert {path.name for path in (cache / "image_sets").iterdir()} == {"digits.zip", "digits.lock"}
    assert len(list((cache / "images").glob("*.npy"))) == 1


def test_of_two_at_once_one_writes(tmp_path):
    begun = []

    def images():
        begun.append(None)
        time.sleep(0.2)
        yield "0/1.png", np.zeros((8, 8), "uint8")

    slow = replace(DIGITS, images=images)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(slow.zip_file, [tmp_path, tmp_path])
    assert one == other
    assert len(begun) == 1


def test_the_digits_are_those_of_scikit_learn():
    images, theirs = cached_images("digits", 8, channels=1), load_digits()
    rows = np.array([int(name[-8:-4]) for name in images.names])
    assert len(images) == 1747
    assert images.class_names == DIGITS.class_names
    np.testing.assert_array_equal(images.labels, theirs.target[rows])
    np.testing.assert_array_equal(np.round(images.images[..., 0] * (16 / 255)), theirs.images[rows])
    assert images.images.max() == 255
    assert ((rows >= 1415) == (images.sides == "test")).all()
    assert min(images.select(images.sides == "test").class_counts().values()) > 25


@pytest.mark.parametrize("size", [(16, 16), (24, 16), (28, 28)])
def test_sides_share_no_copies_of_any_usual_size(size):
    images = cached_images("digits", size)
    assert images.image_shape == (*size, 3)
    for test in (None, 0.2):
        assert split_images(images, test=test).leakage_note.startswith("No name")


def test_a_recipe_takes_its_own_test_side_or_draws_one():
    settings = {"data": "digits", "data_settings": {"size": [8, 8], "channels": 1}}
    split = recipe_split(Recipe("plain_cnn", **settings))
    assert set(split.test.sides) == {"test"}
    drawn = recipe_split(Recipe("plain_cnn", split="drawn", split_settings={"test_share": 0.3}, **settings))
    assert len(drawn.test) / 1747 == pytest.approx(0.3, abs=0.01)
    assert set(drawn.test.sides) == {"train", "test"}


def test_where_a_folder_is_taken_the_name_is():
    assert len(find_images("digits")) == len(unlabelled_images("digits", (8, 8))[1]) == 1747


def test_ones_own_folder_of_that_name_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "digits", make_images())
    assert find_images("digits").class_names == cached_images("digits").class_names == ("blue", "green", "red")


def test_a_broken_cache_is_mended_or_refused(tmp_path):
    path = DIGITS.zip_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert DIGITS.zip_file(tmp_path).read_bytes() == whole
    with zipfile.ZipFile(path) as archive:
        begins = [each.header_offset for each in archive.infolist()][:100]
    spoilt = bytearray(whole)
    for begin in begins:
        spoilt[begin + 100] ^= 255  # within the pixels
    path.write_bytes(spoilt)
    with pytest.raises(ValueError, match=r"at most 1.00% of 1747 images in .*digits.zip to be broken"):
        decode_images(find_images(path))


def test_it_is_no_data_set_of_signals():
    with pytest.raises(ValueError, match=r"of signals here. Received: 'digits', which is of images"):
        data_set("digits")
    with pytest.raises(ValueError, match=r"none of .*digits"):
        check_target("digits", None, replace=False)


def test_commands_list_and_show_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    print_list()
    listed = capsys.readouterr().out
    assert DIGITS.title in next(line for line in listed.splitlines() if "images" in line)
    shown = kerashar("data", "show", "digits", cwd=tmp_path).stdout
    for words in ("1386", "361", "CC BY 4.0", "Alpaydin", "10.24432", "8 by 8"):
        assert words in shown
    expect_one_line_error(kerashar("data", "show", "digits", "--archive", "x.zip", cwd=tmp_path), "x.zip")
    report = kerashar("data", "report", "digits", cwd=tmp_path)
    assert "no problem found" in report.stdout
    assert (tmp_path / "digits_quality.html").exists()


def test_a_run_names_it(tmp_path):
    options = ["--set", "widths=[4]", "--set", "convolutions=1", "--epochs", 1, "--training"]
    small = "data_settings={'size': [8, 8], 'channels': 1, 'fraction': 0.2}"
    done = kerashar("train", "plain_cnn", "--data", "digits", *options, small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("plain_cnn-digits-")
    assert Recipe.read(run / "recipe.json").data == "digits"
    done = kerashar("train", "inception_fsd", "--data", "digits", "--training", small, cwd=tmp_path)
    expect_one_line_error(done, "at least 16")
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    assert '"label"' in kerashar("predict", run / "model.keras", "--data", "one.png", cwd=tmp_path).stdout
