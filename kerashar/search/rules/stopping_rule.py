"""What rules that end trials have in common."""

from kerashar.search.history import TrialRecord


class StoppingRule:
    """Says after each report whether a trial is too weak to go on.

    A rule draws nothing and asks no clock: the same reports in the same order give the same answers, so that a journal
    brings it back.
    """

    def stops(self, trial: TrialRecord) -> bool:
        """Whether the trial ends with its last report; called once for each report."""
        raise NotImplementedError


class NoStopping(StoppingRule):
    """Lets every trial train to its end."""

    def stops(self, trial: TrialRecord) -> bool:
        return False
