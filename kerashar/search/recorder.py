"""Writes the ends of trials to the journal."""

from typing import Any

from ray.tune import Callback

from kerashar.search.history import COMPLETED, FAILED, RUNNING, read_trials
from kerashar.search.journal import Journal


class Recorder(Callback):
    """Notes each trial that ends of itself, or whose process died too often.

    Trials that the scheduler ends, and those that fail by an error, are in the journal already.

    Args:
        journal: of the search.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def on_trial_complete(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self._record(trial.trial_id, COMPLETED)

    def on_trial_error(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self._record(trial.trial_id, FAILED, error=f"the trial's process died: {trial.get_error()}")

    def _record(self, name: str, event: str, **details: Any) -> None:
        if read_trials(self.journal.read())[name].status == RUNNING:
            self.journal.append(event, trial=name, **details)
