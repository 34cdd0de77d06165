"""What a journal tells about each trial."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kerashar.training.metrics import rank_epoch

RUNNING, COMPLETED, STOPPED, FAILED = "running", "completed", "stopped", "failed"


@dataclass
class TrialRecord:
    """One trial, as far as the journal knows it.

    Args:
        trial: its number as text, the same after a resume.
        settings: what was drawn for it, flat, such as `{"model.hidden": 64, "backend": "jax"}`.
        status: running, completed, stopped (by the scheduler) or failed.
        reports: figures of each epoch.
        error: traceback of a failed trial.
    """

    trial: str
    settings: dict[str, Any]
    status: str = RUNNING
    reports: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @property
    def best(self) -> dict[str, Any] | None:
        """Figures of the epoch whose weights the trial keeps."""
        return max(self.reports, key=rank_epoch, default=None)

    @property
    def score(self) -> float | None:
        """Validation macro F1 of that epoch: what the search maximises."""
        return None if self.best is None else self.best["val_macro_f1"]


def read_trials(events: Iterable[dict[str, Any]]) -> dict[str, TrialRecord]:
    """The trials of a journal's events, in the order they were suggested."""
    trials: dict[str, TrialRecord] = {}
    for event in events:
        name = event["trial"]
        if event["event"] == "suggested":
            trials[name] = TrialRecord(name, event["settings"])
        elif name not in trials:
            continue  # the line that suggested it is damaged
        elif event["event"] == "report":
            trials[name].reports.append(event)
        elif event["event"] in (COMPLETED, STOPPED, FAILED) and trials[name].status == RUNNING:
            trials[name].status = event["event"]
            trials[name].error = event.get("error")
    return trials
