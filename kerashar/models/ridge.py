"""Ridge regression in closed form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ridge:
    """A fitted ridge regression.

    Args:
        weights: `(features, targets)`.
        bias: `(targets,)`.
        left_out: what each sample would have been given, had it been left out of the fit, `(n, targets)`.
        alpha: the penalty that was chosen.
    """

    weights: np.ndarray
    bias: np.ndarray
    left_out: np.ndarray
    alpha: float


def fit_ridge(features: np.ndarray, targets: np.ndarray, alphas: Sequence[float]) -> Ridge:
    """Fit a ridge regression with the penalty that errs least on samples left out, one at a time.

    Use it for a linear classifier on many fixed features: on targets of -1 and 1 it gives what
    `sklearn.linear_model.RidgeClassifierCV` gives. That one takes an eigendecomposition; a Cholesky factor for each
    penalty is several times faster with thousands of samples.

    Args:
        features: `(n, features)`.
        targets: `(n, targets)`.
        alphas: penalties to choose from.

    Example:
        >>> ridge = fit_ridge(np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [1.0], [2.0]]), (1e-6, 1.0))
        >>> ridge.alpha, ridge.weights.round(3).tolist()
        (1e-06, [[1.0]])
    """
    mean, target_mean = features.mean(axis=0, dtype=np.float64), targets.mean(axis=0, dtype=np.float64)
    centred, wanted = features - mean, targets - target_mean
    solve = _solve_by_samples if len(features) <= features.shape[1] else _solve_by_features
    gram = centred @ centred.T if solve is _solve_by_samples else centred.T @ centred
    best = None
    for alpha in alphas:
        weights, errors = solve(gram, centred, wanted, alpha)
        error = np.square(errors).mean()
        if best is None or error < best[0]:
            best = error, weights, errors, alpha
    if best is None:
        raise ValueError("Expected at least one penalty. Received: alphas=().")
    _, weights, errors, alpha = best
    return Ridge(weights, target_mean - mean @ weights, targets - errors, float(alpha))


# With the hat matrix H a sample's error, had it been left out, is its residual over 1 - H[i, i]. Both solvers give
# the weights and these errors; the bias, which is not penalised, adds 1 / n to each H[i, i].


def _solve_by_features(
    gram: np.ndarray, centred: np.ndarray, wanted: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    factor = _factor(gram, alpha)
    weights = _solve(factor, centred.T @ wanted)
    free = 1 - 1 / len(centred) - _diagonal(factor, centred)
    return weights, (wanted - centred @ weights) / free[:, None]


def _solve_by_samples(
    gram: np.ndarray, centred: np.ndarray, wanted: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    # Centring makes the constant vector an eigenvector of the Gram matrix with the eigenvalue 0; lifted to the mean
    # of the others it no longer drowns them in the inverse.
    count = len(gram)
    lift = np.trace(gram) / count
    factor = _factor(gram + lift / count, alpha)
    shares = _solve(factor, wanted)  # the residuals over alpha
    free = _diagonal(factor, np.eye(count)) - 1 / (count * (lift + alpha))  # 1 - H[i, i], over alpha
    return centred.T @ shares, shares / free[:, None]


def _factor(gram: np.ndarray, alpha: float) -> np.ndarray:
    from scipy.linalg import cholesky

    return cholesky(gram + alpha * np.eye(len(gram)), lower=True, overwrite_a=True, check_finite=False)


def _solve(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    from scipy.linalg import cho_solve

    return cho_solve((factor, True), right, check_finite=False)


def _diagonal(factor: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The diagonal of `rows @ inverse @ rows.T`."""
    from scipy.linalg import solve_triangular

    return np.square(solve_triangular(factor, rows.T, lower=True, check_finite=False)).sum(axis=0)
