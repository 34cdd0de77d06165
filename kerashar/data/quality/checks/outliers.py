"""Subjects whose channels lie far from everyone else's."""

import numpy as np

from kerashar.data.quality.problem import Problem
from kerashar.data.window_set import WindowSet

_ENOUGH = 5  # subjects; among fewer it isn't clear who stands out
_FAR = 6.0  # robust deviations: one subject in a hundred million under a normal distribution


def subject_deviations(windows: WindowSet) -> dict[str, np.ndarray]:
    """Robust deviations of each subject's level and movement from all subjects', `(subjects, channels)`.

    The level is the middle value, the movement the middle deviation inside windows (its logarithm is compared,
    since movements differ by factors). A robust deviation is the distance to the median over subjects in units of
    1.4826 times the median distance.
    """
    levels, movements = [], []
    spread = windows.windows.std(axis=1)
    for subject in np.unique(windows.subjects):
        ours = windows.subjects == subject
        levels.append(np.median(windows.windows[ours].mean(axis=1), axis=0))
        movements.append(np.median(spread[ours], axis=0))
    movements = np.asarray(movements, dtype=np.float64)
    tiny = 1e-3 * np.maximum(np.median(movements, axis=0), 1e-12)
    return {
        "level": _robust(np.asarray(levels, dtype=np.float64)),
        "movement": _robust(np.log(np.maximum(movements, tiny))),
    }


def outlying_subjects(windows: WindowSet) -> list[Problem]:
    """A subject's channel has a level or a movement far from all other subjects'."""
    subjects = np.unique(windows.subjects)
    if len(subjects) < _ENOUGH:
        return []
    return [
        Problem(
            "note",
            "outlying subject",
            f"The {what} lies {abs(deviations[row, column]):.1f} robust deviations "
            f"{'above' if deviations[row, column] > 0 else 'below'} that of the middle subject.",
            "Look at this subject's recordings: another placement, another device, or just another person.",
            subject=str(subjects[row]),
            channel=windows.channels[column],
        )
        for what, deviations in subject_deviations(windows).items()
        for row, column in np.argwhere(np.abs(deviations) > _FAR)
    ]


def _robust(values: np.ndarray) -> np.ndarray:
    distances = values - np.median(values, axis=0)
    scale = 1.4826 * np.median(np.abs(distances), axis=0)
    return np.divide(distances, scale, out=np.zeros_like(distances), where=scale > 0)
