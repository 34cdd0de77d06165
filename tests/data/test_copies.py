"""Copies of windows under other names: found wherever they hide, and nothing else taken for one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerashar.data import SubjectSplit, load_windows, near_duplicates, shared_stretches
from kerashar.data.data_sets import data_set
from kerashar.data.near_duplicates import copies_between, copies_within

pytestmark = pytest.mark.once


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


# --- near_duplicates ---


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.5, 20), st.floats(-5, 5), st.floats(0, 0.03))
def test_a_copy_is_found_whatever_was_done_to_it(seed, scale, offset, share):
    ours, theirs = noise(seed, 30, 64, 3), noise(seed + 5000, 20, 64, 3)
    theirs[7] = scale * (ours[21] + share * noise(seed + 9000, 64, 3)) + offset
    assert near_duplicates(ours, theirs).tolist() == [[21, 7]]


def test_equals_comparing_each_with_each():
    random = np.random.default_rng(1)
    ours = noise(1, 200, 32, 2)
    theirs = noise(2, 150, 32, 2)
    for row in range(0, 150, 3):  # copies at every distance, also some that are too far
        theirs[row] = ours[random.integers(200)] + random.uniform(0, 0.2) * noise(row, 32, 2)

    def directions(items):
        deviation = max_deviation * np.ones(2)
        flat = ((items - items.mean(axis=1, keepdims=True)) / deviation).reshape(len(items), -1)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    spread = [(items - items.mean(axis=1, keepdims=True)).std(axis=(0, 1)) for items in (ours, theirs)]
    max_deviation = np.maximum(*spread)
    expected = np.argwhere(directions(ours) @ directions(theirs).T >= np.cos(0.1))
    assert 10 < len(expected) < 50
    assert near_duplicates(ours, theirs, tolerance=0.1).tolist() == expected.tolist()


def test_a_channel_of_small_unit_counts_as_much():
    ours = noise(1, 5, 64, 2) * np.float32([1000, 1])
    theirs = ours.copy()
    theirs[..., 1] = noise(2, 5, 64)
    assert len(near_duplicates(ours, theirs)) == 0


def test_flat_windows_are_no_copies():
    ours = noise(1, 4, 32, 3)
    ours[:2] = 1.0
    assert near_duplicates(ours, ours).tolist() == [[2, 2], [3, 3]]
    assert near_duplicates(np.zeros((3, 8, 1)), np.zeros((3, 8, 1))).shape == (0, 2)


def test_images_and_empty_sides():
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    assert near_duplicates(images, images[2:3]).tolist() == [[2, 0]]
    assert near_duplicates(images[:0], images).shape == (0, 2)
    assert near_duplicates(images, images[:0]).shape == (0, 2)


def test_several_sides_and_one_side_give_what_two_give():
    sides = {name: noise(seed, 40, 16, 2) for seed, name in enumerate(("a", "b", "c"))}
    sides["b"][3] = sides["a"][7]
    sides["c"][5] = 3 * sides["a"][7] + 0.01 * noise(9, 16, 2)
    sides["c"][6] = sides["c"][9]
    found = copies_between(sides)
    assert {names: pairs.tolist() for names, pairs in found.items()} == {
        names: near_duplicates(sides[names[0]], sides[names[1]]).tolist()
        for names in (("a", "b"), ("a", "c"), ("b", "c"))
    }
    assert [pairs.tolist() for pairs in found.values()] == [[[7, 3]], [[7, 5]], [[3, 5]]]
    assert copies_within(sides["c"]).tolist() == [[6, 9]]


def test_mirror_images():
    images = np.random.default_rng(0).integers(0, 256, (30, 12, 10, 3), dtype=np.uint8)
    images[20] = images[4, :, ::-1]
    images[25] = images[5, ::-1]  # upside down is another picture
    images[28] = images[6]
    assert copies_within(images, mirrored=True).tolist() == [[4, 20], [6, 28]]
    assert copies_within(images).tolist() == [[6, 28]]
    sides = {"train": images[:15], "test": images[15:]}
    assert copies_between(sides, mirrored=True)["train", "test"].tolist() == [[4, 5], [6, 13]]
    assert copies_between(sides)["train", "test"].tolist() == [[6, 13]]


@pytest.mark.parametrize(
    ("shapes", "tolerance", "message"),
    [
        (((2, 8), (2, 8)), 0.1, r"\(n, ..., channels\)"),
        (((2, 8, 1), (2, 9, 1)), 0.1, "one shape but for n"),
        (((2, 8, 1), (2, 8, 1)), 0.0, "tolerance=0.0"),
    ],
)
def test_refuses(shapes, tolerance, message):
    with pytest.raises(ValueError, match=message):
        near_duplicates(*map(np.zeros, shapes), tolerance=tolerance)


# --- shared_stretches ---


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 60), st.integers(0, 60), st.integers(31, 64))
def test_windows_of_one_recording_are_found_at_any_shift(seed, first, second, length):
    walk = noise(seed, 200, 3)
    shared = length - abs(first - second)
    found = shared_stretches(walk[None, first : first + length], walk[None, second : second + length])
    if shared >= 31:  # a block of 16 that starts at a multiple of 16 lies within any 31 samples
        assert found.tolist() == [0]
    if shared < 16:
        assert found.tolist() == []


def test_rest_is_shared_by_every_sensor():
    still = np.ones((2, 64, 3), np.float32)
    assert shared_stretches(still, still).tolist() == []
    with pytest.raises(ValueError, match="same channels"):
        shared_stretches(still, still[..., :2])


# --- in a split ---


def test_a_renamed_recording_is_refused(make_windows):
    train, validation, test = (make_windows([subject]) for subject in ("01", "02", "03"))
    copied = replace(test, windows=train.windows)
    with pytest.raises(ValueError, match=r"windows with a stretch of equal samples \(4\) in train and test"):
        SubjectSplit(train, validation, copied)
    nearly = replace(test, windows=train.windows * 1.5 + 0.25)
    with pytest.raises(
        ValueError, match=r"near-duplicate windows \(4, such as 'recording-01' at sample 0 and 'recording-03' at"
    ):
        SubjectSplit(train, validation, nearly)
    allowed = SubjectSplit(train, validation, nearly, allow_leakage="the same walk in two units")
    assert "near-duplicate windows (4" in allowed.leakage_note


def test_real_subjects_share_nothing(hapt_windows):
    test = np.isin(hapt_windows.subjects, data_set("hapt").test_subjects)
    ours, theirs = hapt_windows.windows[~test], hapt_windows.windows[test]
    assert len(near_duplicates(ours, theirs, tolerance=0.2)) == 0
    assert len(shared_stretches(ours, theirs)) == 0
    assert len(shared_stretches(ours[::2], ours[1::2])) > 3000  # overlapping windows, told by their samples alone


def test_the_watch_has_no_copies_either():
    watch = load_windows("watch")
    left = np.isin(watch.subjects, ["05", "10"])
    assert len(near_duplicates(watch.windows[left], watch.windows[~left], tolerance=0.1)) == 0
