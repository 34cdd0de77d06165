"""Asynchronous successive halving."""

from bisect import insort

from kerashar.search.history import TrialRecord
from kerashar.search.rules.stopping_rule import Rung, StoppingRule


class SuccessiveHalving(StoppingRule):
    """Lets the best share of the trials that reached a rung go on: ASHA.

    A rung keeps its scores in order, so that a decision takes as long after ten thousand trials as after ten; Ray's
    sorts them anew.

    Args:
        epochs: epochs of a trial that is never stopped.
        grace_period: epochs that every trial gets: the first rung.
        reduction_factor: one in so many trials passes a rung, and the next is so many times as far.

    Reference:
        Li et al., "A System for Massively Parallel Hyperparameter Tuning", 2020. As in Ray, a trial is judged once,
        when it reaches the rung, and never called back.
    """

    def __init__(self, epochs: int, grace_period: int, reduction_factor: int) -> None:
        self.reduction_factor = reduction_factor
        self.rungs: dict[int, dict[str, float]] = {}  # scores by trial, the last rung first
        milestone = grace_period
        while milestone <= epochs:
            self.rungs = {milestone: {}, **self.rungs}
            milestone *= reduction_factor
        self._passed = dict.fromkeys(self.rungs, 0)
        self._ordered: dict[int, list[float]] = {milestone: [] for milestone in self.rungs}

    def stops(self, trial: TrialRecord) -> bool:
        score = trial.score
        for milestone, scores in self.rungs.items():
            if score is not None and trial.reached >= milestone and trial.trial not in scores:
                ordered = self._ordered[milestone]
                weak = bool(ordered) and score < _quantile(ordered, 1 - 1 / self.reduction_factor)
                scores[trial.trial] = score
                insort(ordered, score)
                self._passed[milestone] += not weak
                return weak
        return False

    def rungs_so_far(self) -> list[Rung]:
        rungs = [Rung(milestone, len(scores), self._passed[milestone]) for milestone, scores in self.rungs.items()]
        return rungs[::-1]


def _quantile(ordered: list[float], share: float) -> float:
    """As `numpy.quantile`, of numbers in order."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
