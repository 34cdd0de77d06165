"""The median stopping rule."""

from bisect import insort
from collections import defaultdict
from statistics import fmean

from kerashar.search.history import TrialRecord
from kerashar.search.rules.stopping_rule import StoppingRule

LEAST_OTHERS = 3


class MedianStopping(StoppingRule):
    """Ends a trial whose best score so far is below the median of the other trials' mean scores up to that epoch.

    Use it where trials differ little in how fast they learn: it is milder than successive halving, and has no rungs to
    choose. Fewer than three other trials are no measure.

    Args:
        grace_period: epochs that every trial gets; earlier ones don't count.

    Reference:
        Golovin et al., "Google Vizier: A Service for Black-Box Optimization", 2017; as Ray's `MedianStoppingRule`.
    """

    def __init__(self, grace_period: int) -> None:
        self.grace_period = grace_period
        self._means: dict[int, list[float]] = defaultdict(list)  # by epoch, in order

    def stops(self, trial: TrialRecord) -> bool:
        epoch = trial.reached
        if epoch < self.grace_period:
            return False
        scores = [report["val_macro_f1"] for report in trial.reports if report["epoch"] >= self.grace_period]
        others = self._means[epoch]
        best = max(report["val_macro_f1"] for report in trial.reports)
        weak = len(others) >= LEAST_OTHERS and best < _median(others)
        insort(others, fmean(scores))
        return weak


def _median(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
