import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from kerashar.training import Recipe
from kerashar.training.continuous_metrics import ContinuousMetrics
from kerashar.training.target_bins import TargetBins
from kerashar.training.target_comparison import compare_targets
from tests.models.tiny_image_model import tiny_image_model
from tests.support import random_signal

BINS = TargetBins(20.0, 60.0, width=0.1)
WAYS = [
    "regressor",
    *(
        f"{way}, {read}"
        for way in ("classifier", "weighted classifier")
        for read in ("expected value", "most likely class")
    ),
    "ordinal, expected value",
    "ordinal, median class",
]


def recipe(**changes):
    common = {"model": "tiny_image_model", "epochs": 8, "batch_size": 32, "learning_rate": 0.2, "weight_decay": 0.0}
    return Recipe(**{**common, **changes})


def make_side(count, seed):
    """Grey images whose target is their brightness, scaled to 20 to 60."""
    generator = np.random.default_rng(seed)
    shares = generator.uniform(0, 1, count)
    images = 4 * shares[:, None, None, None] - 2 + generator.normal(0, 0.1, (count, 5, 4, 1))
    return images.astype("float32"), 20 + 40 * shares


def test_each_way_learns_and_the_table_is_kept(tmp_path):
    training, validation = make_side(256, seed=0), make_side(64, seed=1)
    with tiny_image_model():
        figures = compare_targets(recipe(), training, validation, BINS, tmp_path)
    assert list(figures) == WAYS
    for way, metrics in figures.items():
        assert metrics.r_squared is not None, way
        assert metrics.r_squared > 0.8, way
    with open(tmp_path / "comparison.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["predicted_by"] for row in rows] == WAYS
    assert float(rows[0]["mean_absolute_error"]) == figures["regressor"].mean_absolute_error


@pytest.mark.once
def test_what_the_comparison_refuses():
    side = make_side(32, seed=0)
    for change, sides, message in (
        ({"features": {"jerk": True}}, (side, side), "Received: features="),
        ({}, ((side[0], side[1] + 30), side), "from 20.0 to 60.0"),
        ({}, (side, (side[0], np.full(32, np.nan))), "from 20.0 to 60.0"),
        ({}, (side, (side[0], side[1][:5])), "a target for each sample of validation"),
        ({"learning_rate": 1e20, "clip_norm": 1e30}, (side, side), "diverged: lower learning_rate"),
    ):
        with tiny_image_model(), pytest.raises(ValueError, match=message):
            compare_targets(recipe(**change), *sides, BINS)


@pytest.mark.once
@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6), st.sampled_from([0.5, 0.25, 0.1, 0.05, 1 / 3]), st.integers(0, 999))
def test_a_target_lies_within_half_a_class_of_its_centre(low, extent, width, seed):
    bins = TargetBins(low, low + extent, width)
    targets = np.random.default_rng(seed).uniform(bins.low, bins.high, 50)
    targets[:2] = bins.low, bins.high
    classes = bins.classes(targets)
    assert classes[:2].tolist() == [0, bins.count - 1]
    half = (bins.high - bins.low) / bins.count / 2
    assert (np.abs(bins.centers[classes] - targets) <= half * (1 + 1e-6) + 1e-9 * abs(low)).all()
    sure = 1000 * bins.one_hot(targets)
    np.testing.assert_allclose(bins.expected(sure), bins.centers[classes])
    np.testing.assert_array_equal(bins.most_likely(sure), bins.centers[classes])
    np.testing.assert_array_equal(bins.median(sure), bins.centers[classes])


@pytest.mark.once
def test_classes_are_called_by_their_ends_however_close():
    assert TargetBins(0.0, 1.0, 0.05).names[:2] == ("0 to 0.05", "0.05 to 0.1")
    assert TargetBins(0.0, 255.0).names[4:6] == ("102 to 127.5", "127.5 to 153")
    assert len(set(TargetBins(1e6, 1e6 + 1e-3, 0.05).names)) == 20


@pytest.mark.once
def test_the_expected_value_weighs_the_centres():
    bins = TargetBins(0.0, 40.0, 0.25)
    logits = random_signal(5, 4)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(bins.expected(logits), shares @ [5, 15, 25, 35], rtol=1e-5)
    np.testing.assert_array_equal(bins.one_hot(np.array([10.0])), [[0, 1, 0, 0]])
    ends = np.log([[0.4, 0.2, 0.1, 0.3], [0.1, 0.2, 0.3, 0.4]])  # where the outer classes are the most likely
    np.testing.assert_array_equal(bins.median(ends), [15, 25])


@pytest.mark.once
@pytest.mark.parametrize(("low", "high", "width"), [(1, 1, 0.1), (0, np.inf, 0.1), (0, 1, 0.3), (0, 1, 0), (0, 1, 1)])
def test_bins_that_do_not_fit_are_refused(low, high, width):
    with pytest.raises(ValueError, match=r"Expected a (finite low|width)"):
        TargetBins(low, high, width)


@pytest.mark.once
def test_figures_equal_scikit_learn():
    targets, predicted = 3 * random_signal(50), 3 * random_signal(50) + random_signal(50, seed=1)
    metrics = ContinuousMetrics.of(predicted, targets, width=0.5)
    assert metrics.mean_absolute_error == pytest.approx(mean_absolute_error(targets, predicted))
    assert metrics.root_mean_squared_error == pytest.approx(root_mean_squared_error(targets, predicted))
    assert metrics.r_squared == pytest.approx(r2_score(targets, predicted))
    assert metrics.within_width == np.mean(np.abs(predicted.astype(float) - targets) <= 0.5)
    assert ContinuousMetrics.of(predicted, np.full(50, 0.1), 0.5).r_squared is None
    for wrong, other, width, message in (
        ([1.0], [np.nan], 1, "NaN"),
        ([np.inf], [1.0], 1, "NaN or infinity"),
        ([], [], 1, "n > 0"),
        ([1.0, 2.0], [1.0], 1, "shapes"),
        ([[1.0]], [[1.0]], 1, "shapes"),
        ([1.0], [1.0], 0, "width=0"),
    ):
        with pytest.raises(ValueError, match=message):
            ContinuousMetrics.of(np.array(wrong), np.array(other), width)
