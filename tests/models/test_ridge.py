import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifierCV

from kerashar.models.ridge import fit_ridge

pytestmark = pytest.mark.once
ALPHAS = np.logspace(-3, 3, 10)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("width", [20, 200])
def test_equals_scikit_learn(width, classes):
    labels = np.arange(60) % classes
    features = np.random.default_rng(0).normal(3, 1, (60, width))
    features[:, :4] += labels[:, None]
    targets = 2 * np.eye(classes)[labels] - 1
    ridge = fit_ridge(features, targets, ALPHAS)
    theirs = RidgeClassifierCV(alphas=ALPHAS, store_cv_results=True).fit(features, labels)
    scores = features @ ridge.weights + ridge.bias
    assert ridge.alpha == theirs.alpha_
    if classes == 2:
        np.testing.assert_allclose(scores[:, 0], -scores[:, 1], atol=1e-10)
    decisions = theirs.decision_function(features)
    np.testing.assert_allclose(scores if classes > 2 else scores[:, 1], decisions, atol=1e-10)
    errors = theirs.cv_results_[:, -1, list(ALPHAS).index(ridge.alpha)]
    np.testing.assert_allclose((targets - ridge.left_out)[:, -1] ** 2, errors, atol=1e-10)


def test_left_out_is_what_a_fit_without_the_sample_gives():
    generator = np.random.default_rng(1)
    for width in (4, 30):
        features, targets = generator.normal(size=(12, width)), generator.normal(size=(12, 1))
        ridge = fit_ridge(features, targets, (2.0,))
        for row in range(12):
            rest = np.arange(12) != row
            other = fit_ridge(features[rest], targets[rest], (2.0,))
            np.testing.assert_allclose(ridge.left_out[row], features[row] @ other.weights + other.bias, atol=1e-10)


def test_refuses_to_choose_among_nothing():
    with pytest.raises(ValueError, match="alphas"):
        fit_ridge(np.ones((3, 2)), np.ones((3, 1)), ())
