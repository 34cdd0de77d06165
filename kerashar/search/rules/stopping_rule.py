"""What rules that end trials have in common."""

from dataclasses import dataclass

from kerashar.search.history import TrialRecord


@dataclass(frozen=True)
class Rung:
    """An epoch at which trials are judged.

    Args:
        epoch: after which they are.
        reached: how many trials were.
        passed: how many of them went on.
    """

    epoch: int
    reached: int
    passed: int


class StoppingRule:
    """Says after each report whether a trial is too weak to go on.

    A rule draws nothing and asks no clock: the same reports in the same order give the same answers, so that a journal
    brings it back.
    """

    def stops(self, trial: TrialRecord) -> bool:
        """Whether the trial ends with its last report; called once for each report."""
        raise NotImplementedError

    def rungs_so_far(self) -> list[Rung]:
        """What became of the trials at each rung, the first one first; of a rule without rungs none."""
        return []


class NoStopping(StoppingRule):
    """Lets every trial train to its end."""

    def stops(self, trial: TrialRecord) -> bool:
        return False
