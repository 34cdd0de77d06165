"""The scheduler that Ray Tune asks, with a memory that survives a restart."""

import json
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler

from kerashar.search.history import COMPLETED, FAILED, RUNNING, STOPPED, History, Trials
from kerashar.search.journal import own_journal
from kerashar.search.rules import StoppingRule


class JournaledScheduler(FIFOScheduler):
    """Notes each report in the journal, asks a rule about it, and notes what the rule decides.

    Ray saves a search's trials and searcher but not its scheduler, so after a restore its rungs are empty and
    weak trials are promoted. Here `replay` puts the journal's reports to a new rule before the search goes on.

    Args:
        history: of the search.
        rule: which trials end early.
    """

    def __init__(self, history: History, rule: StoppingRule) -> None:
        super().__init__()
        self.history = history
        self.rule = rule
        self.queue: list[Trial] = []

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray pickles it at the start and never reads it back: the journal is the memory

    def replay(self) -> None:
        """Rebuild the rule from the journal, and take up what trials reported that the driver did not live to note."""
        told = Trials()  # the trials as they were at each event
        for event in list(self.history.journal.read()):
            trial = told.take(event)
            if trial and self.rule.stops(trial) and self.history.trials[trial.trial].status == RUNNING:
                self.history.note(STOPPED, trial.trial, epoch=trial.reached)
        for name in [name for name, trial in self.history.trials.items() if trial.status == RUNNING]:
            for event in own_journal(self.history.journal.path.parent, name).read():
                self._decide(event)

    def on_trial_add(self, tune_controller: Any, trial: Trial) -> None:
        self.queue.append(trial)

    def on_trial_result(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> str:
        name, message = trial.trial_id, json.loads(result["message"])
        if "began" in message:
            self.history.note("began", name, **message["began"])
        elif "measured" in message:
            self.history.note("measured", name, measures=message["measured"])
        elif "resized" in message:
            self.history.note("resized", name, settings=message["resized"])
        elif "report" in message:
            return self._decide({**message["report"], "trial": name})
        return self.CONTINUE

    def on_trial_complete(self, tune_controller: Any, trial: Trial, result: dict[str, Any]) -> None:
        self.end(trial.trial_id, json.loads(result["message"]).get("failed"))

    def on_trial_error(self, tune_controller: Any, trial: Trial) -> None:
        if not trial.should_recover():  # Ray says so too of a trial that it starts again
            self.end(trial.trial_id, f"the trial's process died: {trial.get_error()}")

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        return next(iter(self.waiting()), None)

    def waiting(self) -> list[Trial]:
        """Trials that wait for a place; Ray would look through all there ever were."""
        self.queue = [trial for trial in self.queue if trial.status in (Trial.PENDING, Trial.PAUSED)]
        return self.queue

    def end(self, name: str, error: str | None) -> None:
        """Note how a trial ended that no rule stopped."""
        if self.history.trials[name].status != RUNNING:
            return
        if error is not None:
            self.history.note(FAILED, name, error=error)
        else:
            self.history.note(COMPLETED, name, epoch=self.history.trials[name].reached)

    def _decide(self, report: dict[str, Any]) -> str:
        trial = self.history.trials[report["trial"]]
        if trial.status != RUNNING:
            return self.STOP
        if not trial.is_news(report["generation"], report["epoch"]):
            return self.CONTINUE  # a trial that went on from its checkpoint tells of earlier epochs again
        figures = {name: value for name, value in report.items() if name not in ("event", "time", "trial")}
        self.history.note("report", trial.trial, **figures)
        if not self.rule.stops(trial):
            return self.CONTINUE
        self.history.note(STOPPED, trial.trial, epoch=trial.reached)
        return self.STOP
