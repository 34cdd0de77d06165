"""Splitting windows so that no subject is on two sides."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from kerashar.data.group_split import split_by_group
from kerashar.data.sample_set import SampleSet
from kerashar.data.subject_split import SubjectSplit
from kerashar.data.window_set import WindowSet

Sides = dict[str, list[str]]  # the subjects of each


def split_by_subject(
    windows: WindowSet,
    *,
    test_subjects: Collection[str],
    validation_subjects: Collection[str] | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    allow_leakage: str | None = None,
) -> SubjectSplit:
    """Split windows into train, validation and test by subject.

    Use it with a data set's official test subjects, or with your own choice.

    Args:
        windows: all windows.
        test_subjects: who is kept for the test.
        validation_subjects: who is used to choose settings; None draws them from the other subjects.
        validation_share: share of the other subjects to draw, at least one of them.
        seed: of that draw; the same seed draws the same subjects.
        allow_leakage: as for `SubjectSplit`.

    Raises:
        ValueError: a subject is unknown or asked for twice, or a side would be empty.

    Example:
        >>> from kerashar.data import load_windows
        >>> split = split_by_subject(load_windows("watch"), test_subjects=["03", "10"], seed=1)
        >>> sorted(set(split.test.subjects.tolist()))
        ['03', '10']
    """
    sides = draw_sides(
        set(windows.subjects.tolist()),
        test_subjects=test_subjects,
        validation_subjects=validation_subjects,
        validation_share=validation_share,
        seed=seed,
    )
    split: Any = split_by_group(windows, sides, allow_leakage)
    return split


def draw_sides(
    subjects: Collection[str],
    *,
    test_subjects: Collection[str],
    validation_subjects: Collection[str] | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
) -> Sides:
    """The subjects of each side, as `split_by_subject` puts them.

    Example:
        >>> draw_sides(["01", "02", "03"], test_subjects=["02"], validation_subjects=["03"])
        {'train': ['01'], 'validation': ['03'], 'test': ['02']}
    """
    subjects = sorted(subjects)
    _check_known("test_subjects", test_subjects, subjects)
    tested = set(test_subjects)
    others = [subject for subject in subjects if subject not in tested]
    if validation_subjects is None:
        if not 0 < validation_share < 1:
            raise ValueError(f"Expected 0 < validation_share < 1. Received: {validation_share}.")
        count = max(1, round(validation_share * len(others)))
        validation_subjects = [str(one) for one in np.random.default_rng(seed).permutation(others)[:count]]
    _check_known("validation_subjects", validation_subjects, subjects)
    validating = set(validation_subjects)
    if twice := sorted(tested & validating):
        raise ValueError(f"Expected a subject in test or in validation. Received: {twice} in both.")
    train = [subject for subject in others if subject not in validating]
    return {"train": train, "validation": list(validation_subjects), "test": list(test_subjects)}


def subject_folds(
    samples: SampleSet,
    folds: int,
    *,
    seed: int = 0,
    validation_share: float = 0.2,
    stratify: bool = False,
    allow_leakage: str | None = None,
) -> Iterator[Any]:
    """Split windows `folds` times, so that every subject is in the test side exactly once; or images by their groups.

    Use it to report a mean and spread over people. Validation subjects are drawn anew for each fold, from the
    subjects that aren't tested in it.

    Args:
        samples: all windows, which gives a `SubjectSplit` for each fold, or all images: an `ImageSplit`.
        folds: how many splits, from 2 to the number of subjects.
        seed: of the order of the subjects and of the draws.
        validation_share: share of the other subjects that validates, at least one of them.
        stratify: put subjects together so that each fold has about the same share of each class; for activities
            that only some subjects do.
        allow_leakage: as for `SubjectSplit`.

    Raises:
        ValueError: there are fewer than three subjects, or `folds` is out of range.

    Example:
        >>> from kerashar.data import load_windows
        >>> [len(set(split.test.subjects)) for split in subject_folds(load_windows("watch"), 5)]
        [2, 2, 2, 2, 2]
    """
    drawn = draw_folds(samples, folds, seed=seed, validation_share=validation_share, stratify=stratify)
    return (split_by_group(samples, sides, allow_leakage) for sides in drawn)


def draw_folds(
    samples: SampleSet, folds: int, *, seed: int = 0, validation_share: float = 0.2, stratify: bool = False
) -> list[Sides]:
    """The subjects of each side of each fold, as `subject_folds` puts them."""
    subjects = _at_least_three(samples)
    # Two folds of three subjects would test two at once and leave nobody to validate.
    if not 2 <= folds <= len(subjects) or len(subjects) - -(-len(subjects) // folds) < 2:
        raise ValueError(
            f"Expected folds from 2 to {len(subjects)}, the number of {samples.group}s, that leave two to train and "
            f"validate. Received: folds={folds}."
        )
    generator = np.random.default_rng(seed)
    parts = _parts(samples, subjects, folds, generator, stratify)
    seeds = generator.integers(2**32, size=folds).tolist()
    return [
        draw_sides(subjects, test_subjects=part, validation_share=validation_share, seed=fold_seed)
        for part, fold_seed in zip(parts, seeds, strict=True)
    ]


def leave_one_subject_out(
    windows: WindowSet, *, seed: int = 0, validation_share: float = 0.2
) -> Iterator[SubjectSplit]:
    """Split windows once per subject, who alone is tested.

    Use it with few subjects, and to compare with papers that do; it trains once per person.

    Args:
        windows: all windows.
        seed: of the order of the subjects and of the draws of validation subjects.
        validation_share: share of the other subjects that validates, at least one of them.

    Raises:
        ValueError: there are fewer than three subjects.

    Example:
        >>> from kerashar.data import load_windows
        >>> len(list(leave_one_subject_out(load_windows("watch"))))
        10
    """
    subjects = _at_least_three(windows)
    return subject_folds(windows, len(subjects), seed=seed, validation_share=validation_share)


def nested_folds(
    windows: WindowSet, folds: int, inner_folds: int, *, seed: int = 0, stratify: bool = False
) -> Iterator[tuple[SubjectSplit, ...]]:
    """Split windows `folds` times for the test, and the rest of each `inner_folds` times for the choice of settings.

    Use it where settings are searched for each fold anew: choose by the mean over a fold's splits, which share their
    test subjects, and test once. So nobody who is tested had a say in the settings.

    Args:
        windows: all windows.
        folds: how many times to test, each subject once.
        inner_folds: how many times the other subjects are split into training and validation, each of them validating
            once.
        seed: of the order of the subjects.
        stratify: as for `subject_folds`, in both.

    Returns:
        For each fold the splits that share its test side.

    Raises:
        ValueError: there are fewer than three subjects, or too few for so many folds.

    Example:
        >>> from kerashar.data import load_windows
        >>> [len(inner) for inner in nested_folds(load_windows("watch"), 5, 4)]
        [4, 4, 4, 4, 4]

    Reference:
        Cawley and Talbot, On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
        Evaluation. JMLR 11 (2010).
    """
    subjects = _at_least_three(windows)
    fewest = len(subjects) - -(-len(subjects) // folds) if 2 <= folds <= len(subjects) else 0
    if not 2 <= inner_folds <= fewest:
        raise ValueError(
            f"Expected folds and inner_folds of at least 2 that leave each of {len(subjects)} subjects a place. "
            f"Received: folds={folds}, inner_folds={inner_folds}."
        )
    generator = np.random.default_rng(seed)
    tested = _parts(windows, subjects, folds, generator, stratify)
    seeds = generator.integers(2**32, size=folds).tolist()

    def inner(test: list[str], inner_seed: int) -> tuple[SubjectSplit, ...]:
        rest = windows.select(~np.isin(windows.subjects, test))
        others = sorted(set(rest.subjects.tolist()))
        parts = _parts(rest, others, inner_folds, np.random.default_rng(inner_seed), stratify)
        return tuple(split_by_subject(windows, test_subjects=test, validation_subjects=part) for part in parts)

    return (inner(test, inner_seed) for test, inner_seed in zip(tested, seeds, strict=True))


def _parts(
    samples: SampleSet, subjects: list[str], folds: int, generator: np.random.Generator, stratify: bool
) -> list[list[str]]:
    """The subjects in `folds` parts."""
    if not stratify:
        return [part.tolist() for part in np.array_split(generator.permutation(subjects), folds)]
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=int(generator.integers(2**31)))
    tests = (rows for _, rows in splitter.split(samples.labels, samples.labels, samples.groups))
    parts = [sorted(set(samples.groups[rows].tolist())) for rows in tests]
    if not all(parts):
        raise ValueError(
            f"Expected a {samples.group} in each of {folds} folds. Received: {len(subjects)} {samples.group}s whose "
            "classes can't be shared out so. Ask for fewer folds, or leave stratify out."
        )
    return parts


def _at_least_three(samples: SampleSet) -> list[str]:
    subjects = sorted(set(samples.groups.tolist()))
    if len(subjects) < 3:
        raise ValueError(f"Expected three {samples.group}s or more, one per side. Received: {subjects}.")
    return subjects


def _check_known(argument: str, asked: Collection[str], subjects: list[str]) -> None:
    if isinstance(asked, str) or not asked:
        raise ValueError(f"Expected {argument} to be a list of subjects. Received: {asked!r}.")
    if unknown := sorted(set(asked) - set(subjects)):
        raise ValueError(f"Expected {argument} among {_listed(subjects)}. Received: {_listed(unknown)}.")


def _listed(subjects: list[str]) -> str:
    """All of some, the first of many."""
    return str(subjects) if len(subjects) <= 100 else f"{subjects[:10]} and {len(subjects) - 10} more"
