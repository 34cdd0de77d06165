"""How far a classifier's probabilities can be believed."""

from typing import Literal, get_args

import numpy as np

Binning = Literal["width", "mass"]


def calibration_error(
    probabilities: np.ndarray, labels: np.ndarray, bins: int = 15, binning: Binning = "width"
) -> float:
    """Expected calibration error: how far the confidence in the likeliest class lies from the share that is right.

    Use it before confidences are shown or compared with a threshold. `"width"` is what papers report; `"mass"` is
    steadier for a good model, whose confidences nearly all lie in the last bin of equal width.

    Args:
        probabilities: `(windows, classes)`, each row adds up to 1.
        labels: `(windows,)`, indices of classes.
        bins: how many the confidences are put into. Defaults to 15.
        binning: bins of equal `"width"`, or of equal `"mass"`: between quantiles of the confidences, so that equal
            confidences share a bin. Defaults to `"width"`.

    Returns:
        Mean over the windows of their bin's distance between confidence and accuracy, from 0 to 1.

    Raises:
        ValueError: no windows, shapes that differ, fewer than 1 bin, or an unknown binning.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
        >>> round(calibration_error(sure, np.array([0, 0, 1, 0])), 3)  # 90 % sure, 75 % right
        0.15

    Reference:
        Guo et al., "On Calibration of Modern Neural Networks", 2017, for equal widths. Nguyen and O'Connor,
        "Posterior Calibration and Exploratory Analysis for Natural Language Processing Models", 2015, for equal mass.
    """
    _check(probabilities, labels)
    if bins < 1 or binning not in get_args(Binning):
        raise ValueError(
            f"Expected at least 1 bin, binning 'width' or 'mass'. Received: bins={bins}, binning={binning!r}."
        )
    confidence = probabilities.max(axis=1)
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    edges = shares if binning == "width" else np.quantile(confidence, shares)
    surplus = confidence - (probabilities.argmax(axis=1) == labels)
    return float(np.abs(np.bincount(np.digitize(confidence, edges, right=True), surplus)).sum() / len(labels))


def brier_score(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the windows of the squared distance between probabilities and the true class, from 0 to 2.

    Use it as one figure for both accuracy and calibration; the probabilities of the truth itself make it lowest.

    Args:
        probabilities: `(windows, classes)`, each row adds up to 1.
        labels: `(windows,)`, indices of classes.

    Raises:
        ValueError: no windows, or shapes that differ.

    Example:
        >>> brier_score(np.array([[0.5, 0.5]]), np.array([0]))
        0.5

    Reference:
        Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    """
    _check(probabilities, labels)
    truth = np.eye(probabilities.shape[1])[labels]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def _check(probabilities: np.ndarray, labels: np.ndarray) -> None:
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1] or not len(labels):
        raise ValueError(
            "Expected probabilities (windows, classes) and labels (windows,) of at least one window. "
            f"Received: shapes {probabilities.shape} and {labels.shape}."
        )
