"""What a journal tells about each trial."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kerashar.search.journal import Journal
from kerashar.training.metrics import rank_epoch

RUNNING, COMPLETED, STOPPED, FAILED = "running", "completed", "stopped", "failed"
ENDS = (COMPLETED, STOPPED, FAILED)


@dataclass
class TrialRecord:
    """One trial, as far as the journal knows it.

    Args:
        trial: its number as text, the same after a resume.
        settings: what it trains with, flat, such as `{"model.hidden": 64, "backend": "jax"}`.
        drawn: what was drawn for it; other than `settings` where it was made smaller or took another trial's.
        status: running, completed, stopped (by the scheduler) or failed.
        reports: figures of each epoch.
        error: traceback of a failed trial.
        measures: what was measured when it had trained: `parameters` and `latency_ms`.
        generation: how often it has taken another trial's weights.
        clone: the file with those weights, in its folder; None where it trains its own.
        reached: last epoch reported, of those that count in this generation.
        sampler: what the sampler wants to know of the trial again.
    """

    trial: str
    settings: dict[str, Any]
    drawn: dict[str, Any]
    status: str = RUNNING
    reports: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    measures: dict[str, float] = field(default_factory=dict)
    generation: int = 0
    clone: str | None = None
    reached: int = 0
    sampler: dict[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> dict[str, Any] | None:
        """Figures of the epoch whose weights the trial keeps."""
        return max(self.reports, key=rank_epoch, default=None)

    @property
    def score(self) -> float | None:
        """Validation macro F1 of that epoch: what the search maximises."""
        best = self.best
        return None if best is None else best["val_macro_f1"]

    @property
    def job(self) -> dict[str, Any]:
        """What the trial's process is told of it."""
        names = ("trial", "settings", "generation", "clone", "reached")
        return {name: getattr(self, name) for name in names}

    def is_news(self, generation: int, epoch: int) -> bool:
        """Whether an epoch's report is one that the record lacks: a trial that went on may tell of epochs again."""
        return generation == self.generation and epoch > self.reached


class Trials(dict[str, TrialRecord]):
    """The trials that a journal's events tell of, by name, in the order they were suggested."""

    @classmethod
    def of(cls, events: Iterable[dict[str, Any]]) -> "Trials":
        trials = cls()
        for event in events:
            trials.take(event)
        return trials

    @property
    def ended(self) -> list[TrialRecord]:
        """Those that have ended, in whichever way."""
        return [trial for trial in self.values() if trial.status != RUNNING]

    def take(self, event: dict[str, Any]) -> TrialRecord | None:
        """Take up the next event, and return its trial where it is a report that was lacking.

        One of a trial whose suggestion is damaged is passed over, and one of the whole search.
        """
        name, kind = event.get("trial", ""), event["event"]
        if kind == "suggested":
            self[name] = TrialRecord(name, event["settings"], event["settings"], sampler=event.get("sampler", {}))
        elif (record := self.get(name)) is None:
            return None
        elif kind == "report":
            if record.is_news(event.get("generation", 0), event["epoch"]):
                record.reports.append(event)
                record.reached = event["epoch"]
                return record
        elif kind == "cloned":
            record.settings, record.clone = event["settings"], event["file"]
            record.generation, record.reached = event["generation"], event["reached"]
            # Its best epoch may now be one of those that the other trial trained.
            taken = self[event["donor"]].reports if event["donor"] in self else []
            record.reports = [report for report in taken if report["epoch"] <= record.reached]
        elif kind == "resized":
            record.settings = event["settings"]
        elif kind == "measured":
            record.measures = event["measures"]
        elif kind in ENDS and record.status == RUNNING:
            record.status, record.error = kind, event.get("error")
        return None


class History:
    """The trials of a search, kept equal to its journal: what is noted is on disk before it counts.

    Args:
        journal: of the search; what it holds is read at once. One process at a time may note in it.

    Example:
        >>> import tempfile
        >>> history = History(Journal(tempfile.mkdtemp() + "/journal.jsonl"))
        >>> history.note("suggested", "0001", settings={"model.hidden": 8})
        >>> history.note("report", "0001", generation=0, epoch=1, val_macro_f1=0.5, val_loss=1.0)
        >>> history.trials["0001"].score
        0.5
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.trials = Trials.of(journal.read())

    def note(self, event: str, trial: str, **details: Any) -> None:
        """Write an event to the journal, and take it up."""
        self.trials.take(self.journal.append(event, trial=trial, **details))
