"""Statistics of windows on arrays, by NumPy."""

from collections.abc import Sequence

import numpy as np

from kerashar.features.arrays.safe_math import centred, safe_divide, scaled


def signal_statistics(windows: np.ndarray, statistics: Sequence[str]) -> np.ndarray:
    """`(n, statistics * channels)`."""
    windows = windows.astype("float64")
    return np.concatenate([STATISTICS[name](windows) for name in statistics], axis=-1).astype("float32")


def channel_correlations(windows: np.ndarray) -> np.ndarray:
    """`(n, pairs)`."""
    deviations = scaled(centred(windows.astype("float64")))
    unit = safe_divide(deviations, np.linalg.norm(deviations, axis=1, keepdims=True))
    first, second = np.triu_indices(windows.shape[-1], k=1)
    return (unit.transpose(0, 2, 1) @ unit)[:, first, second].astype("float32")


def signal_entropy(windows: np.ndarray, bins: int) -> np.ndarray:
    """`(n, channels)` in nats."""
    lowest = windows.min(axis=1, keepdims=True)
    share = safe_divide(windows - lowest, windows.max(axis=1, keepdims=True) - lowest)
    labels = np.minimum(np.floor(share * bins), bins - 1)
    counts = np.stack([(labels == label).mean(axis=1) for label in range(bins)])
    return -(counts * np.log(np.where(counts > 0, counts, 1))).sum(axis=0).astype("float32")


def autocorrelation(windows: np.ndarray, lags: Sequence[int]) -> np.ndarray:
    """`(n, lags * channels)`."""
    deviations = scaled(centred(windows.astype("float64")))
    power = np.square(deviations).sum(axis=1)
    products = [(deviations[:, lag:] * deviations[:, :-lag]).sum(axis=1) for lag in lags]
    return np.concatenate([safe_divide(product, power) for product in products], axis=-1).astype("float32")


def _moment(windows: np.ndarray, power: int) -> np.ndarray:
    return (scaled(centred(windows)) ** power).mean(axis=1)


def _skewness(windows: np.ndarray) -> np.ndarray:
    return safe_divide(_moment(windows, 3), _moment(windows, 2) ** 1.5)


def _kurtosis(windows: np.ndarray) -> np.ndarray:
    square = _moment(windows, 2) ** 2
    return safe_divide(_moment(windows, 4) - 3 * square, square)


def _median_absolute_deviation(windows: np.ndarray) -> np.ndarray:
    return np.median(np.abs(windows - np.median(windows, axis=1, keepdims=True)), axis=1)


def _interquartile_range(windows: np.ndarray) -> np.ndarray:
    return np.quantile(windows, 0.75, axis=1) - np.quantile(windows, 0.25, axis=1)


def _zero_crossings(windows: np.ndarray) -> np.ndarray:
    above = centred(windows) > 0
    return (above[:, 1:] != above[:, :-1]).sum(axis=1) / max(1, windows.shape[1] - 1)


STATISTICS = {
    "mean": lambda windows: windows.mean(axis=1),
    "standard_deviation": lambda windows: windows.std(axis=1),
    "variance": lambda windows: windows.var(axis=1),
    "minimum": lambda windows: windows.min(axis=1),
    "maximum": lambda windows: windows.max(axis=1),
    "range": lambda windows: np.ptp(windows, axis=1),
    "median": lambda windows: np.median(windows, axis=1),
    "median_absolute_deviation": _median_absolute_deviation,
    "interquartile_range": _interquartile_range,
    "energy": lambda windows: np.square(windows).mean(axis=1),
    "root_mean_square": lambda windows: np.sqrt(np.square(windows).mean(axis=1)),
    "mean_absolute": lambda windows: np.abs(windows).mean(axis=1),
    "skewness": _skewness,
    "kurtosis": _kurtosis,
    "zero_crossings": _zero_crossings,
}
