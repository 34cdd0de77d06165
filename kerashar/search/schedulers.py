"""ASHA whose rungs survive a restart."""

from types import SimpleNamespace
from typing import Any

from ray.tune.schedulers import AsyncHyperBandScheduler, TrialScheduler

from kerashar.search.history import COMPLETED, RUNNING, STOPPED, TrialRecord, read_trials
from kerashar.search.journal import Journal


class JournaledASHA(AsyncHyperBandScheduler):
    """Asynchronous successive halving that writes its decisions to a journal and rebuilds its rungs from it.

    Ray saves a search's trials and searcher but not its scheduler, so after a restore its rungs are empty and
    weak trials are promoted. Here every report of the journal is put to the scheduler again before the search
    goes on.

    Args:
        journal: of the search.
        epochs: epochs of a trial that is never stopped.
        grace_period: epochs that every trial gets.
        reduction_factor: one in so many trials passes a rung.

    Reference:
        Li et al., "A System for Massively Parallel Hyperparameter Tuning", 2020; Ray's implementation.
    """

    def __init__(self, journal: Journal, epochs: int, grace_period: int, reduction_factor: int) -> None:
        super().__init__(
            time_attr="epoch",
            metric="score",
            mode="max",
            max_t=epochs,
            grace_period=grace_period,
            reduction_factor=reduction_factor,
        )
        self.journal = journal

    def replay(self) -> dict[str, TrialRecord]:
        """Rebuild the rungs, end the trials that would have been stopped, and return all trials."""
        seen: dict[str, TrialRecord] = {}
        events = list(self.journal.read())
        trials = read_trials(events)
        for event in events:
            if event["event"] == "suggested":
                seen[event["trial"]] = TrialRecord(event["trial"], event["settings"])
                self.on_trial_add(None, SimpleNamespace(trial_id=event["trial"]))  # pyright: ignore[reportArgumentType]
            elif event["event"] == "report" and event["trial"] in seen:
                name = event["trial"]
                seen[name].reports.append(event)
                result = {"epoch": event["epoch"], "score": seen[name].score}
                if self._decide(name, result) == TrialScheduler.STOP and trials[name].status == RUNNING:
                    self._end(name, event["epoch"])
        return read_trials(self.journal.read())

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        decision = super().on_trial_result(tune_controller, trial, result)
        if decision == TrialScheduler.STOP:
            self._end(trial.trial_id, result["epoch"])
        return decision

    def _decide(self, trial: str, result: dict[str, Any]) -> str:
        stand_in: Any = SimpleNamespace(trial_id=trial)
        return super().on_trial_result(None, stand_in, result)  # pyright: ignore[reportArgumentType]

    def _end(self, trial: str, epoch: int) -> None:
        # A trial that reaches its last epoch is stopped by Ray's scheduler too, and is complete.
        self.journal.append(COMPLETED if epoch >= self._max_t else STOPPED, trial=trial, epoch=epoch)
