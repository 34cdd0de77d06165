"""How far a figure would vary with other subjects, or other images."""

from collections.abc import Callable

import numpy as np

_CHUNK = 1000  # resamples at a time, so that the sums of many classes fit into memory


def subject_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap confidence interval of a figure over people: subjects are drawn again with replacement, not windows.

    Use it for every figure that is to hold for new people. A person's windows are alike, so that resampling windows
    gives intervals that are far too narrow. With fewer than about ten subjects the percentile interval is too narrow
    itself.

    Args:
        values: `(subjects, ...)`, what each subject adds to the figure, such as counts.
        statistic: the figure `(resamples,)` from sums over the drawn subjects `(resamples, ...)`.
        level: share of the resamples inside. Defaults to 0.95.
        resamples: how many. Defaults to 10,000.
        seed: of the draws. Defaults to 0.

    Returns:
        The lower and the upper end.

    Raises:
        ValueError: fewer than two subjects, or a level that is not between 0 and 1.

    Example:
        >>> shares = np.array([0.9, 1.0, 0.8, 0.95])
        >>> low, high = subject_interval(shares, lambda sums: sums / len(shares))
        >>> round(low, 2), round(high, 2)
        (0.84, 0.97)

    Reference:
        Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: percentiles. Field and Welsh,
        "Bootstrapping Clustered Data", 2007: whole clusters, here subjects, are drawn.
    """
    subjects = len(values)
    if subjects < 2 or not 0 < level < 1:
        raise ValueError(
            f"Expected two subjects or more and 0 < level < 1. Received: {subjects} subjects, level={level}."
        )

    def resample(generator: np.random.Generator, size: int) -> np.ndarray:
        drawn = generator.multinomial(subjects, np.full(subjects, 1 / subjects), size=size)
        return np.tensordot(drawn, values, axes=1)

    return _interval(resample, statistic, level, resamples, seed)


def sample_interval(
    counts: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap confidence interval of a figure over samples that have nothing in common, such as images.

    Args:
        counts: `(..., classes, classes)`, how many samples each cell of the confusion matrix has; a drawn sample falls
            into a cell by its share.
        statistic: the figure `(resamples,)` from matrices `(resamples, classes, classes)`.
        level: as for `subject_interval`.
        resamples: as for `subject_interval`.
        seed: as for `subject_interval`.

    Returns:
        The lower and the upper end.

    Example:
        >>> low, high = sample_interval(np.array([[90, 10], [10, 90]]), lambda drawn: drawn[:, 0, 0] / 200)
        >>> round(low, 2), round(high, 2)
        (0.39, 0.52)
    """
    matrix = counts.reshape(-1, *counts.shape[-2:]).sum(axis=0)
    total = int(matrix.sum())

    def resample(generator: np.random.Generator, size: int) -> np.ndarray:
        return generator.multinomial(total, matrix.ravel() / total, size=size).reshape(size, *matrix.shape)

    return _interval(resample, statistic, level, resamples, seed)


def _interval(
    resample: Callable[[np.random.Generator, int], np.ndarray],
    statistic: Callable[[np.ndarray], np.ndarray],
    level: float,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    generator = np.random.default_rng(seed)
    sizes = (min(_CHUNK, resamples - start) for start in range(0, resamples, _CHUNK))
    figures = np.concatenate([statistic(resample(generator, size)) for size in sizes])
    low, high = np.quantile(figures, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
