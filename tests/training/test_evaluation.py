import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss

from kerashar.models import ModernTCN
from kerashar.training import Metrics, predict_logits
from tests.support import random_signal, run


def test_metrics_equal_scikit_learn():
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(200, 4)), generator.integers(0, 4, 200)
    metrics = Metrics.of(logits, labels, ("a", "b", "c", "d"))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert metrics.accuracy == pytest.approx(accuracy_score(labels, logits.argmax(1)))
    assert metrics.macro_f1 == pytest.approx(f1_score(labels, logits.argmax(1), average="macro"))
    assert metrics.loss == pytest.approx(log_loss(labels, shares))
    assert np.sum(metrics.confusion) == 200


def test_extreme_logits_stay_finite():
    assert Metrics.of(np.array([[1e30, -1e30]]), np.array([0]), ("a", "b")).loss == 0


def test_a_class_that_never_occurs_does_not_count():
    metrics = Metrics.of(np.array([[1.0, 0, 0], [0, 1, 0]]), np.array([0, 1]), ("a", "b", "c"))
    assert metrics.macro_f1 == 1
    assert set(metrics.per_class) == {"a", "b"}


def test_refuses_bad_logits():
    with pytest.raises(ValueError, match="finite logits"):
        Metrics.of(np.array([[np.nan, 0]]), np.array([0]), ("a", "b"))
    with pytest.raises(ValueError, match=r"Expected logits \(2, 2\)"):
        Metrics.of(np.zeros((2, 3)), np.array([0, 1]), ("a", "b"))


def test_predicts_any_number_of_windows():
    model = ModernTCN((16, 2), 3, hidden=4, blocks=1)
    windows = random_signal(11, 16, 2)
    np.testing.assert_allclose(predict_logits(model, windows, batch_size=4), run(model, windows), atol=1e-6)
    assert predict_logits(model, windows[:0]).shape == (0, 3)


def test_refuses_windows_that_do_not_fit():
    model = ModernTCN((16, 2), 3, hidden=4, blocks=1)
    for shape in ((3, 16, 3), (3, 15, 2), (16, 2)):
        with pytest.raises(ValueError, match=r"Expected windows \(n, 16, 2\)"):
            predict_logits(model, np.zeros(shape, "float32"))
    bad = random_signal(3, 16, 2)
    bad[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="finite windows"):
        predict_logits(model, bad)
