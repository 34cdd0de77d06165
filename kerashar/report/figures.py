"""The numbers of a report that a run's `Metrics` don't hold."""

import numpy as np

from kerashar.training.confusion import accuracy, macro_f1
from kerashar.training.predictions import Predictions
from kerashar.training.subject_bootstrap import sample_interval, subject_interval

Interval = tuple[float, float]


def intervals(said: Predictions) -> dict[str, Interval]:
    """95 % confidence intervals of `accuracy` and `macro_f1`: over subjects, or over images that stand alone.

    Empty where all windows are of one subject: nothing tells how others would do.

    Example:
        >>> names = np.array(["anna", "ben"]).repeat(2)
        >>> labels, starts = np.array([0, 1, 0, 1]), np.arange(4)
        >>> said = Predictions(np.eye(2)[[0, 1, 0, 0]], labels, names, names, starts, np.array(["sit", "walk"]), "")
        >>> intervals(said)["accuracy"]
        (0.5, 1.0)
    """
    counts = said.counts()
    if said.is_grouped and len(counts) < 2:
        return {}
    interval = subject_interval if said.is_grouped else sample_interval
    return {"accuracy": interval(counts, accuracy), "macro_f1": interval(counts, macro_f1)}


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> list[dict[str, float]]:
    """For each bin of equal width that holds answers: its bounds, their count, mean confidence, and share right.

    The bins are those of `calibration_error`: it is the mean over the answers of the distance between the last two.

    Example:
        >>> reliability(np.array([1.0, 1.0, 0.25]), np.array([True, False, True]), bins=1)
        [{'low': 0.0, 'high': 1.0, 'count': 3, 'confidence': 0.75, 'right': 0.6666666666666666}]
    """
    edges = np.linspace(0, 1, bins + 1)
    places = np.digitize(confidence, edges[1:-1], right=True)
    return [
        {
            "low": float(edges[place]),
            "high": float(edges[place + 1]),
            "count": int((places == place).sum()),
            "confidence": float(confidence[places == place].mean()),
            "right": float(right[places == place].mean()),
        }
        for place in np.unique(places)
    ]
