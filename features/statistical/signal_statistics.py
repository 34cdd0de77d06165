"""Statistics of each channel."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.statistical import signal_statistics
from kerashar.features.channel_values import ChannelValues
from kerashar.features.checks import check_samples
from kerashar.features.safe_math import centred, safe_divide, safe_sqrt, scaled
from kerashar.layers.checks import check_choice


def _quantiles(signal: Any, *shares: float) -> list[Any]:
    """Quantiles over time, between the samples by a straight line."""
    ordered = ops.sort(signal, axis=1)
    quantiles = []
    for share in shares:
        place = share * (signal.shape[1] - 1)
        below = int(place)
        above = min(below + 1, signal.shape[1] - 1)
        quantiles.append(ordered[:, below] * (1 - place + below) + ordered[:, above] * (place - below))
    return quantiles


def _median(signal: Any) -> Any:
    return _quantiles(signal, 0.5)[0]


def _median_absolute_deviation(signal: Any) -> Any:
    return _median(ops.abs(signal - _median(signal)[:, None]))


def _interquartile_range(signal: Any) -> Any:
    lower, upper = _quantiles(signal, 0.25, 0.75)
    return upper - lower


def _energy(signal: Any) -> Any:
    return ops.mean(ops.square(signal), axis=1)


def _moment(signal: Any, power: int) -> Any:
    return ops.mean(scaled(centred(signal)) ** power, axis=1)


def _skewness(signal: Any) -> Any:
    variance = _moment(signal, 2)
    return safe_divide(_moment(signal, 3), variance * safe_sqrt(variance))


def _kurtosis(signal: Any) -> Any:
    square = ops.square(_moment(signal, 2))
    return safe_divide(_moment(signal, 4) - 3 * square, square)


def _zero_crossings(signal: Any) -> Any:
    above = centred(signal) > 0
    return ops.mean(ops.cast(above[:, 1:] != above[:, :-1], "float32"), axis=1)


STATISTICS: dict[str, Callable[[Any], Any]] = {
    "mean": lambda signal: ops.mean(signal, axis=1),
    "standard_deviation": lambda signal: safe_sqrt(_energy(centred(signal))),
    "variance": lambda signal: _energy(centred(signal)),
    "minimum": lambda signal: ops.min(signal, axis=1),
    "maximum": lambda signal: ops.max(signal, axis=1),
    "range": lambda signal: ops.max(signal, axis=1) - ops.min(signal, axis=1),
    "median": _median,
    "median_absolute_deviation": _median_absolute_deviation,
    "interquartile_range": _interquartile_range,
    "energy": _energy,
    "root_mean_square": lambda signal: safe_sqrt(_energy(signal)),
    "mean_absolute": lambda signal: ops.mean(ops.abs(signal), axis=1),
    "skewness": _skewness,
    "kurtosis": _kurtosis,
    "zero_crossings": _zero_crossings,
}


@keras.saving.register_keras_serializable(package="kerashar")
class SignalStatistics(ChannelValues):
    """Summarises each channel of a window by statistics over time.

    Use it for a small model on few numbers, or beside a network that loses the level or the strength of the signal.

    Args:
        statistics: names, in the order of the output. Defaults to all of:
            - `"mean"`, `"median"`, `"minimum"`, `"maximum"`, `"range"`, `"mean_absolute"`, `"root_mean_square"`, in the
              input's unit;
            - `"standard_deviation"`, and `"variance"`, its square: over the number of samples, as in NumPy (ddof 0);
            - `"median_absolute_deviation"` from the median, as `scipy.stats.median_abs_deviation`;
            - `"interquartile_range"`, as `scipy.stats.iqr`;
            - `"energy"`: mean of the squares;
            - `"skewness"` and `"kurtosis"`, which is 0 for a normal distribution, as `scipy.stats.skew` and `kurtosis`;
              0 for a constant channel, where SciPy gives NaN;
            - `"zero_crossings"`: how often neighbouring samples lie on two sides of the mean, per pair of neighbours.
              It has no gradient.

    Call arguments:
        inputs: windows.

    Input shape:
        `(batch, time, channels)` of at least 2 samples.

    Output shape:
        `(batch, statistics * channels)`: statistic by statistic, each over the channels.

    Raises:
        ValueError: no or unknown statistics, or windows of a single sample.

    Example:
        >>> SignalStatistics(("mean", "range")).array(np.array([[[1.0, 5.0], [3.0, 9.0]]])).tolist()
        [[2.0, 7.0, 2.0, 4.0]]

    Reference:
        Figo et al., "Preprocessing techniques for context recognition from accelerometer data", 2010, lists most of
        them.
    """

    def __init__(self, statistics: Sequence[str] = tuple(STATISTICS), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(statistics, str) or not statistics:
            raise ValueError(f"Expected names of statistics. Received: statistics={statistics!r}.")
        for name in statistics:
            check_choice("statistic", name, tuple(STATISTICS))
        self.statistics = tuple(statistics)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_samples(input_shape, 2)

    def extract(self, inputs: Any) -> Any:
        return ops.concatenate([STATISTICS[name](inputs) for name in self.statistics], axis=-1)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(signal_statistics, statistics=self.statistics)

    def values_per_channel(self) -> int:
        return len(self.statistics)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "statistics": self.statistics}
