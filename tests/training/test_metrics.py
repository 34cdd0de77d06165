"""Calibration, figures of classes and subjects, and intervals over subjects."""

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import precision_score, recall_score

from kerashar.training import Metrics
from kerashar.training.calibration import brier_score, calibration_error
from kerashar.training.confusion import accuracy, macro_f1
from kerashar.training.subject_bootstrap import subject_interval

pytestmark = pytest.mark.once
NAMES = ("a", "b", "c")


def drawn(windows=300, classes=3, seed=0, sharpness=3.0):
    generator = np.random.default_rng(seed)
    logits = sharpness * generator.normal(size=(windows, classes))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return logits, shares, generator.integers(0, classes, windows)


def guo(shares, labels, edges):
    """The sum of Guo et al., equation 5, bin by bin."""
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    error = 0.0
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.sum() / len(labels) * abs(right[inside].mean() - confidence[inside].mean())
    return error


def test_calibration_errors_equal_the_formula():
    _, shares, labels = drawn()
    assert calibration_error(shares, labels) == pytest.approx(guo(shares, labels, np.linspace(0, 1, 16)), abs=1e-12)
    assert calibration_error(shares, labels, bins=10) == pytest.approx(
        guo(shares, labels, np.linspace(0, 1, 11)), abs=1e-12
    )
    # Of equal mass: 300 windows in 15 bins of 20, the sorted ones in turn.
    order = shares.max(axis=1).argsort()
    surplus = (shares.max(axis=1) - (shares.argmax(axis=1) == labels))[order].reshape(15, 20)
    assert calibration_error(shares, labels, binning="mass") == pytest.approx(
        np.abs(surplus.mean(axis=1)).mean(), abs=1e-12
    )


def test_a_calibrated_classifier_has_no_error_and_a_boaster_has():
    shares = np.array([[0.75, 0.25]] * 4)
    assert calibration_error(shares, np.array([0, 0, 0, 1])) == pytest.approx(0)
    assert calibration_error(shares, np.array([0, 1, 1, 1])) == pytest.approx(0.5)
    sure = np.array([[1.0, 0.0]] * 4)
    # A bin holds its upper edge: 0.5 and wrong, 0.75 and right lie in different ones.
    edge = np.array([[0.5, 0.5], [0.75, 0.25]])
    assert calibration_error(edge, np.array([1, 0]), bins=2) == pytest.approx((0.5 + 0.25) / 2)
    for binning in ("width", "mass"):
        assert calibration_error(sure, np.array([0, 0, 0, 1]), binning=binning) == pytest.approx(0.25)


@given(arrays(np.float64, (12, 3), elements=st.floats(-5, 5)), st.permutations(range(12)))
@settings(max_examples=50, deadline=None)
def test_calibration_does_not_depend_on_the_order_of_windows(logits, order):
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.arange(12) % 3
    for binning in ("width", "mass"):
        error = calibration_error(shares, labels, binning=binning)
        assert 0 <= error <= 1
        assert calibration_error(shares[order], labels[order], binning=binning) == pytest.approx(error, abs=1e-9)


def test_brier_score_equals_brier():
    _, shares, labels = drawn()
    by_hand = [
        sum((share[c] - (c == label)) ** 2 for c in range(3)) for share, label in zip(shares, labels, strict=True)
    ]
    assert brier_score(shares, labels) == pytest.approx(np.mean(by_hand))
    assert brier_score(np.array([[0.0, 1.0]]), np.array([0])) == 2


def test_bad_input_is_refused():
    _, shares, labels = drawn(4)
    for wrong in (shares[:3], shares[:, 0]):
        with pytest.raises(ValueError, match=r"Expected probabilities \(windows, classes\)"):
            brier_score(wrong, labels)
    with pytest.raises(ValueError, match="at least one window"):
        calibration_error(shares[:0], labels[:0])
    with pytest.raises(ValueError, match="bins=0"):
        calibration_error(shares, labels, bins=0)
    with pytest.raises(ValueError, match="binning='wide'"):
        calibration_error(shares, labels, binning="wide")  # pyright: ignore[reportArgumentType] (the point)
    with pytest.raises(ValueError, match="a subject for each of 4 windows"):
        Metrics.of(np.zeros((4, 3)), labels, NAMES, np.array(["anna"]))


def test_metrics_hold_classes_calibration_and_subjects():
    logits, shares, labels = drawn()
    subjects = np.array(["10", "9", "anna"]).repeat(100)
    metrics = Metrics.of(logits, labels, NAMES, subjects)
    predicted = logits.argmax(axis=1)
    for ours, theirs in ((metrics.precision, precision_score), (metrics.recall, recall_score)):
        assert list(ours.values()) == pytest.approx(theirs(labels, predicted, average=None))
    assert metrics.calibration_error == calibration_error(shares, labels)
    assert metrics.calibration_error_equal_mass == calibration_error(shares, labels, binning="mass")
    assert metrics.brier == pytest.approx(brier_score(shares, labels))
    assert list(metrics.per_subject) == ["9", "10", "anna"]
    alone = Metrics.of(logits[:100], labels[:100], NAMES)
    assert metrics.per_subject["10"] == {"count": 100, "accuracy": alone.accuracy, "macro_f1": alone.macro_f1}
    assert Metrics(**json.loads(json.dumps(metrics.to_json()))) == metrics


def test_figures_of_an_older_version_still_load():
    old = {"count": 2, "accuracy": 1.0, "macro_f1": 1.0, "loss": 0.1, "per_class": {"a": 1.0}, "confusion": [[2]]}
    metrics = Metrics(**old)
    assert metrics.brier is None
    assert metrics.per_subject == {}


def test_an_interval_over_subjects_equals_all_resamples():
    # Three subjects can be drawn in 27 ways; the interval lies on the quantiles of those.
    shares = np.array([0.2, 0.5, 0.8])
    means = np.array([(a + b + c) / 3 for a in shares for b in shares for c in shares])
    low, high = subject_interval(shares, lambda sums: sums / 3)
    ends = [np.quantile(means, share, method="inverted_cdf") for share in (0.025, 0.975)]
    assert (low, high) == pytest.approx(ends)
    assert subject_interval(shares, lambda sums: sums / 3) == (low, high)
    inner = subject_interval(shares, lambda sums: sums / 3, level=0.5)
    assert low < inner[0] < inner[1] < high


def test_an_interval_of_accuracy_and_macro_f1_from_counts():
    generator = np.random.default_rng(0)
    counts = generator.integers(0, 20, (8, 3, 3)) + 60 * np.eye(3, dtype=int)
    for figure in (accuracy, macro_f1):
        low, high = subject_interval(counts, figure)
        assert low < figure(counts.sum(axis=0)) < high
    total = counts.sum(axis=0)
    assert accuracy(total) == float(Fraction(int(np.trace(total)), int(total.sum())))


@pytest.mark.parametrize(("subjects", "level"), [(1, 0.95), (3, 1.0), (3, 0.0)])
def test_an_interval_that_means_nothing_is_refused(subjects, level):
    with pytest.raises(ValueError, match="Expected two subjects or more and 0 < level < 1"):
        subject_interval(np.ones(subjects), lambda sums: sums, level=level)
