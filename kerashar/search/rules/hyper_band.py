"""HyperBand without waiting."""

from itertools import groupby
from operator import attrgetter

import numpy as np

from kerashar.search.history import TrialRecord
from kerashar.search.rules.stopping_rule import Rung, StoppingRule
from kerashar.search.rules.successive_halving import SuccessiveHalving


class HyperBand(StoppingRule):
    """Spreads trials over brackets of successive halving that begin to judge at different epochs.

    Use it where the first epochs say little of a trial's end: some brackets wait. Which bracket a trial belongs to
    follows from its number.

    Args:
        epochs: epochs of a trial that is never stopped.
        grace_period: epochs that every trial gets.
        reduction_factor: one in so many trials passes a rung.

    Reference:
        Li et al., "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", 2018, in the asynchronous
        form of Ray's `AsyncHyperBandScheduler` with as many brackets as there are rungs.
    """

    def __init__(self, epochs: int, grace_period: int, reduction_factor: int) -> None:
        self.brackets: list[SuccessiveHalving] = []
        while grace_period <= epochs:
            self.brackets.append(SuccessiveHalving(epochs, grace_period, reduction_factor))
            grace_period *= reduction_factor
        rungs = np.array([len(bracket.rungs) for bracket in self.brackets])
        weights = np.exp(rungs - rungs.max())
        self._shares = weights / weights.sum()

    def stops(self, trial: TrialRecord) -> bool:
        return self.bracket(trial.trial).stops(trial)

    def rungs_so_far(self) -> list[Rung]:
        """Those of all brackets at an epoch as one."""
        epoch = attrgetter("epoch")
        rungs = sorted((rung for bracket in self.brackets for rung in bracket.rungs_so_far()), key=epoch)
        together = [(each, list(same)) for each, same in groupby(rungs, epoch)]
        return [
            Rung(each, sum(rung.reached for rung in same), sum(rung.passed for rung in same)) for each, same in together
        ]

    def bracket(self, trial: str) -> SuccessiveHalving:
        """The bracket of a trial."""
        return self.brackets[np.random.default_rng(int(trial)).choice(len(self.brackets), p=self._shares)]
