import numpy as np
import pytest
from scipy.optimize import minimize

from kerashar.models import Ensemble, create_model
from kerashar.training import ensemble_weights, evaluate
from kerashar.training.ensembling import mixture_weights
from tests.support import scramble
from tests.synthetic import make_split

pytestmark = pytest.mark.once


def test_no_other_weights_fit_better():
    generator = np.random.default_rng(0)
    logs = np.log(generator.dirichlet([1.0, 2.0, 3.0], 200))
    found = mixture_weights(logs)

    def loss(free):
        weights = np.exp(free) / np.exp(free).sum()
        return -np.log(np.exp(logs) @ weights).mean()

    best = minimize(loss, np.zeros(3)).fun
    np.testing.assert_allclose(found.sum(), 1)
    assert -np.log(np.exp(logs) @ found).mean() <= best + 1e-6


def test_improbable_truths_of_all_models_do_not_vanish():
    np.testing.assert_allclose(mixture_weights(np.array([[-2000.0, -2000.0], [-3000.0, -2999.0]])).sum(), 1)


def test_the_weighted_ensemble_is_at_least_as_good_as_the_best_member():
    split = make_split()
    models = [create_model("modern_tcn", split.train.window_shape, 3, hidden=4, blocks=1) for _ in range(3)]
    for number, model in enumerate(models):
        model.fit_normalization(split.train.windows)
        scramble(model, 0.1 * number)
    weights = ensemble_weights(models, split.validation)
    losses = [evaluate(model, split.validation).loss for model in models]
    assert evaluate(Ensemble(models, weights), split.validation).loss <= min(losses) + 1e-4
    with pytest.raises(ValueError, match="Received: 0 models"):
        ensemble_weights([], split.validation)
