import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from kerashar.features import HandcraftedFeatures
from tests.features.support import odd_windows
from tests.support import random_signal

pytestmark = pytest.mark.once


def test_scikit_learns_own_checks():
    check_estimator(HandcraftedFeatures(), on_skip=None)  # array API needs an environment variable


def test_each_name_says_what_its_figure_is():
    windows = random_signal(5, 128, 6) + 1
    features = HandcraftedFeatures(sampling_rate=50.0)
    table = dict(zip(features.fit(windows).get_feature_names_out(), features.transform(windows).T, strict=True))
    assert len(table) == len(features.get_feature_names_out())
    np.testing.assert_allclose(table["channel_4 mean"], windows[:, :, 4].mean(axis=1), rtol=1e-4)
    jerk = np.gradient(windows[:, :, 1], axis=1) * 50
    np.testing.assert_allclose(table["jerk_1 standard_deviation"], jerk.std(axis=1), rtol=1e-4)
    magnitude = np.linalg.norm(windows[:, :, 3:], axis=2)
    np.testing.assert_allclose(table["magnitude_1 maximum"], magnitude.max(axis=1), rtol=1e-5)
    pairs = [np.corrcoef(window[:, 0], window[:, 5])[0, 1] for window in windows]
    np.testing.assert_allclose(table["channel_0 channel_5 correlation"], pairs, atol=1e-5)
    means = windows[:, :, 3:].mean(axis=1)
    direction = means / np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(table["triple_1 direction_z"], direction[:, 2], atol=1e-5)


def test_a_pure_tone_lies_in_its_band():
    seconds = np.arange(128) / 50
    tone = np.sin(2 * np.pi * 6.25 * seconds)[None, :, None] + 1e-3 * random_signal(1, 128, 1)
    features = HandcraftedFeatures(sampling_rate=50.0).fit(tone)
    table = dict(zip(features.get_feature_names_out(), features.transform(tone)[0], strict=True))
    assert table["channel_0 dominant_frequency"] == pytest.approx(6.25)
    bands = [table[f"channel_0 band_{number}"] for number in range(6)]
    assert np.argmax(bands) == 4  # octaves from 0.39 Hz


@pytest.mark.parametrize("shape", [(3, 1, 1), (3, 2, 2), (3, 5, 3), (3, 31, 4), (3, 32, 1), (3, 125, 9)])
def test_any_window_gives_finite_figures(shape):
    for windows in (random_signal(*shape), *odd_windows(random_signal(*shape))):
        features = HandcraftedFeatures().fit(windows)
        figures = features.transform(windows)
        assert figures.shape == (3, len(features.get_feature_names_out()))
        assert figures.dtype == np.float32
        assert np.isfinite(figures).all()


def test_many_windows_are_the_same_as_few():
    windows = random_signal(1030, 32, 2)
    features = HandcraftedFeatures().fit(windows)
    np.testing.assert_allclose(features.transform(windows)[1020:], features.transform(windows[1020:]), rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "windows", "message"),
    [
        ({"sampling_rate": 0}, random_signal(2, 32, 3), "sampling_rate=0"),
        ({"triples": ((0, 1),)}, random_signal(2, 32, 3), "triples of the 3 channels"),
        ({"triples": ((0, 1, 3),)}, random_signal(2, 32, 3), "triples of the 3 channels"),
        ({}, np.full((2, 32, 3), np.nan), "NaN"),
        ({}, random_signal(2, 32, 3, 1), r"\(n, time, channels\)"),
    ],
)
def test_what_is_refused(settings, windows, message):
    with pytest.raises(ValueError, match=message):
        HandcraftedFeatures(**settings).fit(windows)
    fitted = HandcraftedFeatures().fit(random_signal(2, 32, 3))
    with pytest.raises(ValueError, match=r"Expected windows \(n, 32, 3\)"):
        fitted.transform(random_signal(2, 33, 3))
