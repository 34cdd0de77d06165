"""What a run folder tells of a search."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerashar.locks import is_held
from kerashar.search.engine import make_rule
from kerashar.search.history import RUNNING, TrialRecord, Trials
from kerashar.search.journal import Journal
from kerashar.search.leaderboard import leaderboard
from kerashar.search.rules import Rung
from kerashar.search.run import read_settings
from kerashar.search.settings import SearchSettings


@dataclass(frozen=True)
class Pause:
    """When the search was not running.

    Args:
        at: seconds that it had been running by then.
        seconds: how long.
    """

    at: float
    seconds: float


@dataclass
class SearchRecord:
    """A search as its run folder has it; use `read`.

    Args:
        folder: the run folder.
        settings: of the search.
        is_running: whether a process is at work on it.
        trials: by name, in the order they were suggested.
        events: of the journal in their order, each with the seconds for which the search had been running.
        pauses: between a search's end ahead of time and its resumption.
        seconds: how long it has been running, pauses left out.
        began: seconds since 1970; None ahead of the first event.
        test: what is on record of the test side.
    """

    folder: Path
    settings: SearchSettings
    is_running: bool
    trials: dict[str, TrialRecord] = field(default_factory=Trials)
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    seconds: float = 0.0
    began: float | None = None
    test: dict[str, Any] | None = None

    @classmethod
    def read(cls, folder: Path | str) -> "SearchRecord":
        """Read a run folder; ValueError where there is no search in it."""
        folder = Path(folder)
        record = cls(folder, read_settings(folder), is_held(folder / "lock"))
        journal = list(Journal(folder / "journal.jsonl").read())
        record.trials = Trials.of(journal)
        for event in journal:
            record._take(event)
        if journal and record.is_running and not record.is_finished:
            record.seconds += max(0.0, time.time() - journal[-1]["time"])
        if (folder / "test.json").exists():
            record.test = json.loads((folder / "test.json").read_text(encoding="utf-8"))
        return record

    @property
    def ended(self) -> list[TrialRecord]:
        """Trials that run no more."""
        return [trial for trial in self.trials.values() if trial.status != RUNNING]

    @property
    def is_finished(self) -> bool:
        return len(self.ended) >= self.settings.trials

    def rungs(self) -> list[Rung]:
        """What became of the trials at each rung; none where the scheduler has none."""
        rule, told = make_rule(self.settings), Trials()
        for _, event in self.events:
            if trial := told.take(event):
                rule.stops(trial)
        return rule.rungs_so_far()

    @property
    def ranked(self) -> list[TrialRecord]:
        """Trials with a score, best first."""
        return leaderboard(self.trials.values())

    def _take(self, event: dict[str, Any]) -> None:
        if self.began is None:
            self.began = self._last = event["time"]
        passed = max(0.0, event["time"] - self._last)  # a clock that jumps back stands still
        self._last = event["time"]
        if event["event"] == "opened":
            if self.events:
                self.pauses.append(Pause(self.seconds, passed))
        else:
            self.seconds += passed
        self.events.append((self.seconds, event))
