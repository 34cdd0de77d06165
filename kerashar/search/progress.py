"""Live progress of a search on the terminal."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ray.tune.experiment import Trial
from ray.tune.progress_reporter import TrialProgressCallback
from rich.console import Console
from rich.live import Live

from kerashar.search.history import FAILED, History, TrialRecord
from kerashar.search.leaderboard import leaderboard
from kerashar.search.live_table import LiveTable, describe
from kerashar.search.rules import NoStopping, StoppingRule
from kerashar.search.settings import SearchSettings
from kerashar.search.time_left import TimeLeft, say_time

PAUSE = 0.2  # seconds between two looks at the clock
SHARE = 0.05  # of the time goes into pictures at most, also of ten thousand trials
SILENCE = 60.0  # seconds between two lines on how far the search is


class Progress(TrialProgressCallback):
    """Shows what runs, the best so far and the time left; on a plain stream a line for each trial that ends, and now
    and then one on the whole.

    Ray leaves its own lines out where it finds a callback of this base class.

    Args:
        history: of the search.
        settings: of the search.
        rule: the scheduler's.
        slots: tells how many trials may run at a time.
        console: where to.
        clock: tells the seconds.
    """

    def __init__(
        self,
        history: History,
        settings: SearchSettings,
        rule: StoppingRule,
        slots: Callable[[], int],
        console: Console,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.history = history
        self.settings = settings
        self.rule = rule
        self.slots = slots
        self.console = console
        self.clock = clock
        self.running: list[str] = []
        self.looked = self.told = clock()
        self.told_of = 0  # epochs
        self.next_picture = 0.0
        may_stop = not isinstance(rule, NoStopping)
        self.left = TimeLeft(history.trials, settings.trials, settings.epochs, may_stop, self.looked)
        shows = console.is_terminal and not console.quiet
        self.live = Live(console=console, auto_refresh=False, transient=True) if shows else None

    def __enter__(self) -> "Progress":
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self.live:
            self.live.stop()

    def __getstate__(self) -> dict[str, Any]:
        # Ray pickles its callbacks at the start, which a terminal doesn't survive; ours are never read back.
        return {}

    def on_step_end(self, iteration: int, trials: list[Trial], **_: Any) -> None:
        now = self.clock()
        if now - self.looked < PAUSE:
            return
        self.looked = now
        self.running = [trial.trial_id for trial in trials if trial.status == Trial.RUNNING]
        self.left.wait(now, len(self.running))
        if self.live:
            self._draw(self.live, now)
        elif now - self.told >= SILENCE and self.left.trained > self.told_of:
            self.told, self.told_of = now, self.left.trained
            self._say_how_far()

    def on_trial_result(self, iteration: int, trials: list, trial: Any, result: dict, **_: Any) -> None:
        self.left.note(trial.trial_id)

    def on_trial_complete(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self._ended(trial.trial_id)

    def on_trial_error(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self._ended(trial.trial_id)

    def _ended(self, name: str) -> None:
        trial = self.history.trials[name]
        if trial.status == FAILED:
            outcome = (trial.error or "").strip().splitlines()[-1:] or ["no reason known"]
            self.console.print(f"trial {name} failed: {outcome[0]}", markup=False, soft_wrap=True)
        elif not self.live:
            self.console.print(f"trial {name} {trial.status} after {len(trial.reports)} epochs, {_score(trial)}")

    def _draw(self, live: Live, now: float) -> None:
        if now < self.next_picture:
            return
        running = [self.history.trials[name] for name in self.running]
        live.update(LiveTable(self._facts(), running, self.settings.epochs), refresh=True)
        took = self.clock() - now
        self.next_picture = now + took / SHARE

    def _facts(self) -> dict[str, str]:
        """What stands above the running trials, by what it is about."""
        facts = {
            "search": f"{self._ended_so_far()}, {len(self.running)} of {self.slots()} slots in use",
            "time": ", ".join([str(timedelta(seconds=int(self.left.read - self.left.began))), *self._time_left()]),
        }
        for best in self._best():
            facts["best"] = f"trial {best.trial}, {_score(best)}, {best.settings['backend']}: {describe(best)}"
        rungs = [rung for rung in self.rule.rungs_so_far() if rung.reached]
        if rungs:
            facts["rungs"] = " · ".join(
                f"epoch {rung.epoch}: {rung.reached} reached, {rung.passed} passed" for rung in rungs
            )
        generations = [trial.generation for trial in self.history.trials.values()]
        if any(generations):
            facts["generation"] = f"{max(generations)}, after {sum(generations)} take-overs in all"
        return facts

    def _say_how_far(self) -> None:
        best = [f"best so far trial {best.trial}, {_score(best)}" for best in self._best()]
        line = "; ".join([self._ended_so_far(), *best, *self._time_left()])
        self.console.print(line, markup=False, soft_wrap=True)

    def _ended_so_far(self) -> str:
        ended = self.history.trials.ended
        failed = sum(trial.status == FAILED for trial in ended)
        return f"{len(ended)} of {self.settings.trials} trials ended, {failed} failed"

    def _best(self) -> list[TrialRecord]:
        return leaderboard(self.history.trials.values())[:1]

    def _time_left(self) -> list[str]:
        seconds = self.left.seconds()
        return [] if seconds is None else [say_time(seconds)]


def _score(trial: TrialRecord) -> str:
    return "no score yet" if trial.score is None else f"macro F1 {trial.score:.4f}"
