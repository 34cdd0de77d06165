"""How far test subjects differ from training subjects, channel by channel."""

from dataclasses import dataclass, replace

import numpy as np

from kerashar.data.quality.problem import Problem
from kerashar.data.window_set import WindowSet

PERMUTATIONS = 1999  # so that the smallest p-value, 1/2000, stays small after a correction for many channels
SIGNIFICANT = 0.05
_BINS = 256  # steps of the distribution functions; finer changes no distance by a percent


@dataclass(frozen=True)
class Drift:
    """How far one channel differs between training and test subjects.

    Use `channel_drift` to make it.

    Args:
        channel: which one.
        summary: "level" (mean of a window) or "movement" (deviation inside a window).
        distance: Wasserstein-1 distance between the sides, in deviations over all windows.
        by_chance: the distance that 5 % of the ways to deal the subjects to the sides exceed.
        p_value: share of the ways to deal the subjects to the sides with a distance as large.
        corrected: the same after Holm's correction for all channels and summaries.

    Example:
        >>> Drift("x", "level", 0.5, 0.3, 0.01, 0.02).channel
        'x'
    """

    channel: str
    summary: str
    distance: float
    by_chance: float
    p_value: float
    corrected: float


def channel_drift(train: WindowSet, test: WindowSet, *, seed: int = 0) -> list[Drift]:
    """Compare training and test subjects, and tell chance from drift by dealing whole subjects anew.

    Windows of one subject are alike, so shuffling windows would call any two groups of people different. Here each
    subject counts as one, whatever the number of windows, and keeps all of them when dealt to the other side.

    Args:
        train: windows of the training subjects.
        test: windows of the test subjects.
        seed: of the permutations.

    Returns:
        One `Drift` per channel and summary.

    Example:
        >>> from kerashar.data import load_split
        >>> split = load_split("watch")
        >>> len(channel_drift(split.train, split.test))
        12

    Reference:
        Ramdas et al., On Wasserstein Two-Sample Testing and Related Families of Nonparametric Tests. Entropy 19
        (2017). Holm, A Simple Sequentially Rejective Multiple Test Procedure. Scand. J. Statist. 6 (1979).
    """
    on_train, on_test = np.unique(train.subjects), np.unique(test.subjects)
    deals = _deals(len(on_train), len(on_test), seed)  # (1 + permutations, subjects), the true one first
    found = []
    for summary in ("level", "movement"):
        ours, theirs = _summarised(train, summary), _summarised(test, summary)
        for column, channel in enumerate(train.channels):
            distances = _distances(
                [ours[train.subjects == subject, column] for subject in on_train]
                + [theirs[test.subjects == subject, column] for subject in on_test],
                deals,
            )
            # A hair's breadth for rounding, so that the same deal drawn again counts as equal.
            p_value = float((distances >= distances[0] * (1 - 1e-9)).mean())
            by_chance = float(np.quantile(distances, 1 - SIGNIFICANT))
            found.append(Drift(channel, summary, float(distances[0]), by_chance, p_value, corrected=1.0))
    corrected = _holm([one.p_value for one in found])
    return [replace(one, corrected=correction) for one, correction in zip(found, corrected, strict=True)]


def drifting_channels(drifts: list[Drift]) -> list[Problem]:
    """Test subjects differ from training subjects by more than chance."""
    return [
        Problem(
            "warning",
            "drift",
            f"The {one.summary} differs between train and test by {one.distance:.2f} deviations "
            f"(p = {one.corrected:.3f} after Holm's correction, whole subjects permuted).",
            "Expect lower scores on the test side; look for a device or placement that only one side has.",
            channel=one.channel,
        )
        for one in drifts
        if one.corrected < SIGNIFICANT
    ]


def _summarised(windows: WindowSet, summary: str) -> np.ndarray:
    return windows.windows.mean(axis=1) if summary == "level" else windows.windows.std(axis=1)


def _deals(train: int, test: int, seed: int) -> np.ndarray:
    """Weights of the subjects: the mean over the test side less the mean over the train side."""
    true = np.concatenate([np.full(train, -1 / train), np.full(test, 1 / test)])
    random = np.random.default_rng(seed)
    return np.vstack([true, random.permuted(np.tile(true, (PERMUTATIONS, 1)), axis=1)])


def _distances(values: list[np.ndarray], deals: np.ndarray) -> np.ndarray:
    """Wasserstein-1 distances: areas between distribution functions, each the mean of its subjects'."""
    everything = np.concatenate(values).astype(np.float64)
    scale = everything.std()
    if not scale:
        return np.zeros(len(deals))
    # Quantiles as steps: fine where the values are.
    steps = np.unique(np.quantile(everything, np.linspace(0, 1, _BINS + 1)))
    functions = np.array([np.searchsorted(np.sort(one), steps[:-1], side="right") / len(one) for one in values])
    return np.abs(deals @ functions) @ np.diff(steps) / scale


def _holm(p_values: list[float]) -> list[float]:
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    stepped = np.minimum(1.0, np.maximum.accumulate(np.asarray(p_values)[order] * factors))
    corrected = np.empty(len(p_values))
    corrected[order] = stepped
    return corrected.tolist()
