"""What a search gives."""

from dataclasses import dataclass
from pathlib import Path

from kerashar.search.history import TrialRecord
from kerashar.training.metrics import Metrics


@dataclass(frozen=True)
class SearchResult:
    """What a search gives.

    Args:
        folder: the run folder.
        leaderboard: trials with a score, best first.
        trials: all trials.
        test: figures of the best trial's model on the test subjects; None where nobody asked for them.
        front: trials that no other beats in all objectives; of one objective the best.
    """

    folder: Path
    leaderboard: list[TrialRecord]
    trials: list[TrialRecord]
    test: Metrics | None
    front: list[TrialRecord]
