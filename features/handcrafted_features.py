"""The statistics and spectral figures of windows that activity recognition has long used."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from kerashar.features.arrays.orientation import jerk, known_triples, magnitude
from kerashar.features.arrays.safe_math import safe_divide
from kerashar.features.arrays.spectral import band_power, spectral_shape
from kerashar.features.arrays.statistical import (
    autocorrelation,
    channel_correlations,
    signal_entropy,
    signal_statistics,
)
from kerashar.features.checks import check_rate

STATISTICS = (
    "mean",
    "standard_deviation",
    "minimum",
    "maximum",
    "median_absolute_deviation",
    "interquartile_range",
    "energy",
    "skewness",
    "kurtosis",
    "zero_crossings",
)
SHAPES = ("centroid", "bandwidth", "roll_off", "flatness", "spectral_entropy", "dominant_frequency")
BANDS = 6
LAGS = (1, 4, 16)
SHORTEST = 32  # samples, for a spectrum of that many bands and those lags
_WINDOWS = 1024  # at a time, so that the memory holds a few copies of them alone


class HandcraftedFeatures(TransformerMixin, BaseEstimator):
    """Turns windows into the roughly 600 time-domain and frequency-domain figures of activity recognition.

    Use it ahead of a classifier of scikit-learn, in a `Pipeline`. The figures are of each channel, of its time
    derivative (jerk), and of the magnitudes of the sensors' axes; besides, correlations of the channels and the
    direction of each sensor's mean. Nothing is learned from the windows but their shape.

    Args:
        sampling_rate: samples per second (Hz). Defaults to 50.
        triples: three channels for each sensor with three axes, by number; None takes channels 0 to 2, 3 to 5 and so on
            where their number is a multiple of 3, else none. Defaults to None.

    Attributes:
        n_features_in_: samples of a window.
        channels_: channels of a window.

    Raises:
        ValueError: a sampling rate that is not positive, triples that are not three channels each, windows that hold
            NaN or infinity, or windows of another shape than at `fit`.

    Example:
        >>> windows = np.random.default_rng(0).normal(size=(4, 128, 9))
        >>> HandcraftedFeatures(sampling_rate=50.0).fit_transform(windows).shape
        (4, 669)

    Reference:
        Anguita et al., "A Public Domain Dataset for Human Activity Recognition Using Smartphones", 2013, whose 561
        features these follow. Ours have spectral shapes, bands of equal width in octaves and autocorrelations in place
        of autoregressive coefficients, and compute them from the windows that come, of any channels.
    """

    def __init__(self, sampling_rate: float = 50.0, triples: Sequence[Sequence[int]] | None = None) -> None:
        self.sampling_rate = sampling_rate
        self.triples = triples

    def fit(self, X: Any, y: Any = None) -> "HandcraftedFeatures":
        """Take the shape of windows `(n, time, channels)`, or `(n, time)` of one channel."""
        check_rate(self.sampling_rate)
        windows = self._windows(X, reset=True)
        self.channels_ = windows.shape[2]
        for triple in self._triples():
            if len(triple) != 3 or not all(0 <= channel < self.channels_ for channel in triple):
                raise ValueError(
                    f"Expected triples of the {self.channels_} channels. Received: triples={self.triples!r}."
                )
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The figures `(n, features)` as float32, in the order of `get_feature_names_out`."""
        check_is_fitted(self)
        windows = self._windows(X, reset=False)
        if windows.shape[1:] != (self.n_features_in_, self.channels_):
            raise ValueError(
                f"Expected windows (n, {self.n_features_in_}, {self.channels_}), as at fit. "
                f"Received: shape={windows.shape}."
            )
        pieces = [windows[start : start + _WINDOWS] for start in range(0, len(windows), _WINDOWS)]
        return np.concatenate([self._figures(piece) for piece in pieces])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names such as `"jerk_4 energy"` and `"magnitude_0 band_2"`; channels and triples are counted from 0."""
        check_is_fitted(self)
        time, signals = self.n_features_in_, self._signal_names()
        figures = [*STATISTICS, "entropy"]
        if time >= SHORTEST:
            figures += [*SHAPES, *(f"band_{number}" for number in range(BANDS)), *(f"lag_{lag}" for lag in LAGS)]
        names = [f"{signal} {figure}" for figure in figures for signal in signals]
        first, second = np.triu_indices(self.channels_, k=1)
        names += [f"channel_{one} channel_{other} correlation" for one, other in zip(first, second, strict=True)]
        names += [f"triple_{number} direction_{axis}" for number in range(len(self._triples())) for axis in "xyz"]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []  # float32 whatever comes
        return tags

    def _windows(self, X: Any, reset: bool) -> np.ndarray:
        dimensions = X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim
        if dimensions < 3:
            return np.asarray(validate_data(self, X, reset=reset, dtype="float32"))[:, :, None]
        windows = check_array(X, dtype="float32", ensure_2d=False, allow_nd=True)
        if windows.ndim != 3 or 0 in windows.shape:
            raise ValueError(f"Expected windows (n, time, channels), n > 0. Received: shape={windows.shape}.")
        if reset:
            self.n_features_in_ = windows.shape[1]
        return windows

    def _triples(self) -> Sequence[Sequence[int]]:
        if self.triples is not None:
            return self.triples
        if self.channels_ % 3:
            return ()
        return known_triples(None, self.channels_).tolist()

    def _signal_names(self) -> list[str]:
        kinds = ["channel", "jerk"] if self.n_features_in_ > 1 else ["channel"]
        names = [f"{kind}_{number}" for kind in kinds for number in range(self.channels_)]
        magnitudes = ["magnitude", "jerk_magnitude"][: len(kinds)]
        return names + [f"{kind}_{number}" for kind in magnitudes for number in range(len(self._triples()))]

    def _figures(self, windows: np.ndarray) -> np.ndarray:
        triples = self._triples()
        kinds = [windows, jerk(windows, self.sampling_rate)] if windows.shape[1] > 1 else [windows]
        magnitudes = [magnitude(kind, triples) for kind in kinds if triples]
        signals = np.concatenate([*kinds, *magnitudes], axis=-1)
        figures = [signal_statistics(signals, STATISTICS), signal_entropy(signals, bins=16)]
        if signals.shape[1] >= SHORTEST:
            figures += [
                spectral_shape(signals, self.sampling_rate, roll_off=0.85),
                band_power(signals, self.sampling_rate, self._bands(), relative=False, log=True),
                autocorrelation(signals, LAGS),
            ]
        means = windows.mean(axis=1)
        figures.append(channel_correlations(windows))
        figures += [_direction(means[:, list(triple)]) for triple in triples]
        return np.concatenate(figures, axis=1)

    def _bands(self) -> list[tuple[float, float]]:
        """Bands of equal width in octaves, from the lowest frequency of a window to the highest."""
        time = self.n_features_in_
        edges = self.sampling_rate / time * np.geomspace(1, time // 2 + 1, BANDS + 1).round()
        return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _direction(means: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(means, axis=1, keepdims=True)
    return safe_divide(means, length).astype("float32")
