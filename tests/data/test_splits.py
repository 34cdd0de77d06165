from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerashar.data import (
    SubjectSplit,
    WindowSet,
    leave_one_subject_out,
    nested_folds,
    split_by_subject,
    subject_folds,
)

pytestmark = pytest.mark.once


def windows_of(counts: list[int]) -> WindowSet:
    subjects = np.repeat([f"{number:02}" for number in range(len(counts))], counts)
    total = len(subjects)
    return WindowSet(
        windows=np.arange(total, dtype=np.float32).reshape(total, 1, 1),
        labels=np.zeros(total, int),
        subjects=subjects,
        recordings=subjects,
        starts=np.arange(total),
        rate=50.0,
        channels=("x",),
        units=("g",),
        class_names=("walking",),
    )


def subjects_of(windows: WindowSet) -> set[str]:
    return set(windows.subjects.tolist())


COUNTS = st.lists(st.integers(1, 5), min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.integers(1, 2), st.integers(0, 2**31), st.floats(0.05, 0.6))
def test_no_subject_twice_and_nothing_lost(counts, tested, seed, share):
    windows = windows_of(counts)
    asked = sorted(subjects_of(windows))[:tested]
    arguments = {"test_subjects": asked, "validation_share": share, "seed": seed}
    split = split_by_subject(windows, **arguments)
    sides = (split.train, split.validation, split.test)
    assert subjects_of(split.test) == set(asked)
    assert len(set.union(*map(subjects_of, sides))) == sum(len(subjects_of(side)) for side in sides)
    together = np.concatenate([side.windows.ravel() for side in sides])
    np.testing.assert_array_equal(np.sort(together), windows.windows.ravel())
    again = split_by_subject(windows, **arguments)
    np.testing.assert_array_equal(split.validation.windows, again.validation.windows)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.data(), st.integers(0, 2**31))
def test_folds_test_every_subject_once(counts, data, seed):
    windows = windows_of(counts)
    folds = data.draw(st.integers(2, len(counts)))
    splits = list(subject_folds(windows, folds, seed=seed))
    tested = [subject for split in splits for subject in sorted(subjects_of(split.test))]
    assert len(splits) == folds
    assert sorted(tested) == sorted(subjects_of(windows))
    for split, same in zip(splits, subject_folds(windows, folds, seed=seed), strict=True):
        assert len(split.train) + len(split.validation) + len(split.test) == len(windows)
        assert subjects_of(split.validation) == subjects_of(same.validation)
        assert subjects_of(split.test) == subjects_of(same.test)


def test_leave_one_subject_out():
    windows = windows_of([2, 3, 1, 4])
    splits = list(leave_one_subject_out(windows, seed=2))
    assert sorted(name for split in splits for name in subjects_of(split.test)) == ["00", "01", "02", "03"]
    assert all(len(subjects_of(split.test)) == 1 for split in splits)
    with pytest.raises(ValueError, match="three subjects"):
        leave_one_subject_out(windows_of([1, 1]))


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.data(), st.integers(0, 2**31))
def test_nested_folds_never_choose_by_whom_they_test(counts, data, seed):
    windows = windows_of(counts)
    folds = data.draw(st.integers(2, len(counts)))
    inner_folds = data.draw(st.integers(2, len(counts) - -(-len(counts) // folds)))
    tested = []
    for inner in nested_folds(windows, folds, inner_folds, seed=seed):
        assert len(inner) == inner_folds
        test = subjects_of(inner[0].test)
        assert all(subjects_of(split.test) == test for split in inner)
        validating = [name for split in inner for name in sorted(subjects_of(split.validation))]
        assert sorted(validating) == sorted(subjects_of(windows) - test)
        tested += sorted(test)
    assert sorted(tested) == sorted(subjects_of(windows))


@pytest.mark.parametrize(("folds", "inner_folds"), [(1, 2), (2, 1), (2, 3), (5, 2)])
def test_nested_folds_refuse(folds, inner_folds):
    with pytest.raises(ValueError, match=f"folds={folds}, inner_folds={inner_folds}"):
        nested_folds(windows_of([1, 1, 1, 1]), folds, inner_folds)


def test_stratified_folds_share_out_rare_activities():
    windows = windows_of([20] * 12)
    rare = np.isin(windows.subjects, ["00", "01", "02"])  # only these three ever run
    windows = replace(windows, class_names=("walking", "running"), labels=rare.astype(int))
    plain = []
    for seed in range(5):
        splits = list(subject_folds(windows, 3, seed=seed, stratify=True))
        assert all(0 < split.test.class_counts()["running"] < 60 for split in splits)
        assert sorted(name for split in splits for name in subjects_of(split.test)) == sorted(subjects_of(windows))
        plain += [split.test.class_counts()["running"] for split in subject_folds(windows, 3, seed=seed)]
    assert 0 in plain  # what stratifying is for


def test_seeds_draw_different_subjects():
    windows = windows_of([2] * 10)
    drawn = {
        tuple(sorted(subjects_of(split_by_subject(windows, test_subjects=["00"], seed=seed).validation)))
        for seed in range(8)
    }
    assert len(drawn) > 4
    assert all(len(subjects) == 2 for subjects in drawn)  # a fifth of nine, rounded


def test_validation_subjects_can_be_chosen(make_windows):
    split = split_by_subject(make_windows(["01", "02", "03", "04"]), test_subjects=["02"], validation_subjects=("04",))
    assert subjects_of(split.train) == {"01", "03"}
    assert subjects_of(split.validation) == {"04"}
    assert split.leakage_note == "No subject, recording, overlapping or copied window is on two sides."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test_subjects": ["99"]}, r"among \['01', '02', '03'\]. Received: \['99'\]"),
        ({"test_subjects": []}, "test_subjects to be a list"),
        ({"test_subjects": "01"}, "test_subjects to be a list"),
        ({"test_subjects": ["01"], "validation_subjects": ["9"]}, "validation_subjects among"),
        ({"test_subjects": ["01"], "validation_subjects": ["01"]}, r"\['01'\] in both"),
        ({"test_subjects": ["01"], "validation_subjects": ["02", "03"]}, "no window in train"),
        ({"test_subjects": ["01", "02", "03"]}, "validation_subjects to be a list"),
        ({"test_subjects": ["01"], "validation_share": 1.0}, "0 < validation_share < 1"),
    ],
)
def test_split_refuses(make_windows, arguments, message):
    with pytest.raises(ValueError, match=message):
        split_by_subject(make_windows(["01", "02", "03"]), **arguments)


@pytest.mark.parametrize("folds", [0, 1, 2, 4])
def test_folds_are_checked_at_the_call(make_windows, folds):
    with pytest.raises(ValueError, match=f"folds={folds}"):
        subject_folds(make_windows(["01", "02", "03"]), folds)
    with pytest.raises(ValueError, match="three subjects"):
        subject_folds(make_windows(["01", "02"]), 2)


def test_each_kind_of_leak_has_its_own_message(make_windows):
    train, validation, test = (make_windows([subject]) for subject in ("01", "02", "03"))
    shared_subject = replace(test, subjects=train.subjects)
    shared_recording = replace(test, recordings=train.recordings, starts=train.starts + 1000)
    overlapping = replace(test, recordings=train.recordings, starts=train.starts + 19)
    with pytest.raises(ValueError, match=r"Received: shared subject '01' in train and test. Split"):
        SubjectSplit(train, validation, shared_subject)
    with pytest.raises(ValueError, match=r"Received: shared recording 'recording-01' in train and test. Split"):
        SubjectSplit(train, validation, shared_recording)
    # train covers samples 0 to 20, so only its last window reaches sample 19
    with pytest.raises(ValueError, match=r"'recording-01' in train and test; overlapping windows \(1\) in train and"):
        SubjectSplit(train, validation, overlapping)
    with pytest.raises(ValueError, match="shared subject '02' in train and validation"):
        SubjectSplit(validation, validation, test)


def test_touching_windows_do_not_overlap(make_windows):
    train, validation, test = (make_windows([subject]) for subject in ("01", "02", "03"))
    touching = replace(test, recordings=train.recordings, starts=train.starts + 20)
    for first, last in ((train, touching), (touching, train)):
        with pytest.raises(ValueError, match="shared recording") as error:
            SubjectSplit(first, validation, last)
        assert "overlapping" not in str(error.value)


def test_leakage_with_a_reason_is_reported(make_windows):
    both = make_windows(["01"])
    split = SubjectSplit(both, both, both, allow_leakage="a model of one person")
    assert split.leakage_note.startswith("Leakage allowed (a model of one person): shared subject '01'")
    assert "overlapping windows (4) in train and validation" in split.leakage_note


@pytest.mark.parametrize("reason", ["", "  ", True])
def test_leakage_needs_a_reason_in_words(make_windows, reason):
    both = make_windows(["01"])
    with pytest.raises(ValueError, match="the reason as text"):
        SubjectSplit(both, both, both, allow_leakage=reason)


def test_sides_of_different_make_are_refused_whatever_the_reason(make_windows):
    train, validation = make_windows(["01"]), make_windows(["02"])
    for change, message in (
        ({"rate": 25.0}, "same rate on every side. Received: 50.0 in train, 25.0 in test"),
        ({"channels": ("y",)}, "same channels"),
        ({"units": ("m/s2",)}, "same units"),
        ({"class_names": ("walking", "sitting")}, "same class_names"),
        ({"windows": np.zeros((4, 9, 1))}, "same window_shape"),
    ):
        with pytest.raises(ValueError, match=message):
            SubjectSplit(train, validation, replace(make_windows(["03"]), **change), allow_leakage="no reason")
    empty = train.select(slice(0, 0))
    with pytest.raises(ValueError, match="no window in validation"):
        SubjectSplit(train, empty, make_windows(["03"]), allow_leakage="no reason")
