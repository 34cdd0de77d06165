import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score

from kerashar.features.statistical.autocorrelation import Autocorrelation
from kerashar.features.statistical.channel_correlations import ChannelCorrelations
from kerashar.features.statistical.signal_entropy import SignalEntropy
from kerashar.features.statistical.signal_statistics import STATISTICS, SignalStatistics
from tests.features.support import assert_close, check_feature, numbers

WINDOWS = np.random.default_rng(0).normal(2, 1, size=(1, 33, 3)).astype("float32")
DEVIATIONS = WINDOWS - WINDOWS.mean(axis=1, keepdims=True)
CONSTANT = np.full((1, 33, 3), 9.81, "float32")

EXPECTED = {
    "mean": np.mean(WINDOWS, axis=1),
    "standard_deviation": np.std(WINDOWS, axis=1),
    "variance": np.var(WINDOWS, axis=1),
    "minimum": np.min(WINDOWS, axis=1),
    "maximum": np.max(WINDOWS, axis=1),
    "range": np.ptp(WINDOWS, axis=1),
    "median": np.median(WINDOWS, axis=1),
    "median_absolute_deviation": stats.median_abs_deviation(WINDOWS, axis=1),
    "interquartile_range": stats.iqr(WINDOWS, axis=1),
    "energy": np.mean(WINDOWS**2, axis=1),
    "root_mean_square": np.sqrt(np.mean(WINDOWS**2, axis=1)),
    "mean_absolute": np.mean(np.abs(WINDOWS), axis=1),
    "skewness": stats.skew(WINDOWS, axis=1),
    "kurtosis": stats.kurtosis(WINDOWS, axis=1),
    "zero_crossings": (DEVIATIONS[:, 1:] * DEVIATIONS[:, :-1] < 0).mean(axis=1),
}


def test_statistics_are_those_of_numpy_and_scipy():
    expected = np.concatenate([EXPECTED[name] for name in STATISTICS], axis=-1)
    assert_close(check_feature(SignalStatistics(), WINDOWS), expected)
    even = SignalStatistics(("median", "interquartile_range"))
    assert_close(even(WINDOWS[:, :20]), even.array(WINDOWS[:, :20]))


def test_statistics_of_a_constant_channel_are_zero():
    names = ("variance", "skewness", "kurtosis", "zero_crossings")
    assert not numbers(SignalStatistics(names)(CONSTANT)).any()


def test_correlations_are_those_of_numpy():
    expected = [np.corrcoef(window.T)[np.triu_indices(3, k=1)] for window in WINDOWS]
    assert_close(check_feature(ChannelCorrelations(), WINDOWS), np.stack(expected))
    half_constant = np.concatenate([WINDOWS[..., :1], CONSTANT[..., :1]], axis=-1)
    assert not numbers(ChannelCorrelations()(half_constant)).any()


def test_entropy_is_that_of_scipy_and_scikit_learn():
    outputs = check_feature(SignalEntropy(8), WINDOWS)
    histograms = [[np.histogram(channel, bins=8) for channel in window.T] for window in WINDOWS]
    assert_close(outputs, [[stats.entropy(counts) for counts, _ in window] for window in histograms])
    channel, edges = WINDOWS[0, :, 0], histograms[0][0][1]
    labels = np.digitize(channel, edges[1:-1])
    assert_close(outputs[0, 0], mutual_info_score(labels, labels))


def test_autocorrelation_is_that_of_the_textbook():
    products = [(DEVIATIONS[:, lag:] * DEVIATIONS[:, :-lag]).sum(axis=1) for lag in (1, 7)]
    expected = np.concatenate(products, axis=-1) / np.tile((DEVIATIONS**2).sum(axis=1), 2)
    assert_close(check_feature(Autocorrelation((1, 7)), WINDOWS), expected)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SignalStatistics(("mean", "varience")), "variance"),
        (lambda: SignalStatistics("mean"), "statistics='mean'"),
        (lambda: SignalStatistics()(WINDOWS[:, :1]), "time=1"),
        (lambda: ChannelCorrelations()(WINDOWS[..., :1]), "channels=1"),
        (lambda: SignalEntropy(0), "bins=0"),
        (lambda: Autocorrelation(()), "lags="),
        (lambda: Autocorrelation((0,)), "lag=0"),
        (lambda: Autocorrelation((33,))(WINDOWS), "at least 34 samples"),
    ],
)
def test_refuses(build, message):
    with pytest.raises(ValueError, match=message):
        build()
