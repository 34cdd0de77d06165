"""Splits of real images that share nothing."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from kerashar.data.images import ImageSet, ImageSplit, split_images
from kerashar.data.images.decode_image import decode_image

from .conftest import REAL_DATA

pytestmark = pytest.mark.once
CLASSES = ("cat", "dog", "ship", "truck")


@pytest.fixture(scope="session")
def cifar() -> ImageSet:
    """200 real images, 50 of each class, of which 10 are the publisher's test images."""
    names = [
        f"{side}/{kind}/{number:04}.jpg"
        for side, count in (("test", 10), ("train", 40))
        for kind in CLASSES
        for number in range(count)
    ]
    with zipfile.ZipFile(REAL_DATA / "cifar10_images.zip") as archive:
        pixels = np.stack([decode_image(archive.read(f"CIFAR-10-images/{name}"), (32, 32)) for name in names])
    labels = [CLASSES.index(name.split("/")[1]) for name in names]
    return ImageSet(pixels, names, labels, class_names=CLASSES, sides=[name.split("/")[0] for name in names])


def sides_of(split):
    return {"train": split.train, "validation": split.validation, "test": split.test}


def test_sides_of_the_source(cifar):
    split = split_images(cifar, validation_share=0.25)
    assert {name: side.class_counts()["ship"] for name, side in sides_of(split).items()} == {
        "train": 30,
        "validation": 10,
        "test": 10,
    }
    assert set(split.test.names) == set(cifar.names[cifar.sides == "test"])
    assert split.leakage_note == "No name or group is on two sides, and no copy of an image was found there."
    given = replace(cifar, sides=["validation" if 40 <= row < 80 else side for row, side in enumerate(cifar.sides)])
    assert set(split_images(given).validation.names) == set(cifar.names[40:80])


def test_shares_keep_the_classes_in_proportion(cifar):
    rare = cifar.select(np.r_[0:40, 40:50, 80:120])  # few dogs, ships and trucks
    split = split_images(rare, test=0.2, validation_share=0.25, seed=3)
    for name, count in rare.class_counts().items():
        tested = split.test.class_counts()[name]
        assert abs(tested - 0.2 * count) <= 0.5
        assert abs(split.validation.class_counts()[name] - 0.25 * (count - tested)) <= 0.5
    assert sum(len(side) for side in sides_of(split).values()) == len(rare)
    again, other = split_images(rare, test=0.2, seed=3), split_images(rare, test=0.2, seed=4)
    assert set(again.test.names) == set(split.test.names) != set(other.test.names)


def test_groups_stay_together(cifar):
    people = replace(cifar, groups=[f"person {number % 20}" for number in range(200)])
    for test in (0.3, ["person 3", "person 17"]):
        sides = [set(side.groups.tolist()) for side in sides_of(split_images(people, test=test)).values()]
        assert sum(map(len, sides)) == 20
        assert len(set.union(*sides)) == 20
    assert sides[2] == {"person 3", "person 17"}


def test_targets_are_split_by_range(cifar):
    ages = replace(cifar, labels=None, class_names=(), targets=np.arange(200))
    split = split_images(ages, test=0.2)
    assert np.histogram(split.test.targets, bins=5, range=(0, 200))[0].tolist() == [8] * 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": 0.0}, "0 < test < 1"),
        ({"test": 1.5}, "Received: 1.5"),
        ({"test": 0.2, "validation_share": 0}, "0 < validation_share < 1"),
        ({"test": ["nobody"]}, r"\['nobody'\]"),
        ({"test": "test/cat/0000.jpg"}, "list of groups"),
        ({"test": []}, "list of groups"),
    ],
)
def test_refuses_arguments(cifar, options, message):
    with pytest.raises(ValueError, match=message):
        split_images(cifar, **options)


def test_refuses_what_cannot_be_split(cifar):
    with pytest.raises(ValueError, match="test=None"):
        split_images(replace(cifar, sides=None))
    with pytest.raises(ValueError, match="two groups or more"):
        split_images(replace(cifar, groups=np.full(200, "one")), test=0.2)


def test_refuses_shared_names_and_groups(cifar):
    parts = [cifar.select(np.arange(start, 200, 3)) for start in range(3)]
    ImageSplit(*parts)
    with pytest.raises(ValueError, match=r"1 shared names such as 'test/cat/0001.jpg' in validation and test"):
        ImageSplit(parts[0], parts[1], cifar.select(np.array([1, 2])))
    grouped = [replace(part, groups=np.full(len(part), group)) for part, group in zip(parts, "aba", strict=True)]
    with pytest.raises(ValueError, match="1 shared groups such as 'a' in train and test"):
        ImageSplit(*grouped)


@pytest.mark.parametrize("change", ["none", "saved anew", "brighter", "noise", "mirrored"])
def test_refuses_copies_under_other_names(cifar, change):
    parts = [cifar.select(np.arange(start, 200, 3)) for start in range(3)]
    copy = parts[0].images[7].astype(np.float32)
    if change == "saved anew":
        file = io.BytesIO()
        Image.fromarray(parts[0].images[7]).save(file, "JPEG", quality=90)
        copy = np.asarray(Image.open(file), np.float32)
    if change == "brighter":
        copy = copy * 0.8 + 20
    if change == "noise":
        copy += np.random.default_rng(0).normal(0, 3, copy.shape)
    if change == "mirrored":
        copy = copy[:, ::-1]
    images = parts[2].images.copy()
    images[5] = np.clip(copy, 0, 255).round()
    spoilt = replace(parts[2], images=images)
    ours, theirs = str(parts[0].names[7]), str(spoilt.names[5])
    found = f"1 images of test with a copy or mirror image in train, such as '{theirs}' and '{ours}'"
    with pytest.raises(ValueError, match=found):
        ImageSplit(parts[0], parts[1], spoilt)
    allowed = ImageSplit(parts[0], parts[1], spoilt, allow_leakage="the official split")
    assert allowed.leakage_note.startswith("Leakage allowed (the official split): 1 images of test")


def test_refuses_sides_that_do_not_fit(cifar):
    parts = [cifar.select(np.arange(start, 200, 3)) for start in range(3)]
    with pytest.raises(ValueError, match="no image in test"):
        ImageSplit(parts[0], parts[1], cifar.select(slice(0)))
    with pytest.raises(ValueError, match="same class_names"):
        ImageSplit(parts[0], parts[1], replace(parts[2], class_names=("a", "b", "c", "d")))
    with pytest.raises(ValueError, match="same image_shape"):
        ImageSplit(parts[0], parts[1], replace(parts[2], images=parts[2].images[:, :16]))
    with pytest.raises(ValueError, match="reason as text"):
        ImageSplit(*parts, allow_leakage=True)
