"""Live progress of a search on the terminal."""

import time
from typing import Any

from ray.tune.progress_reporter import TrialProgressCallback
from rich.console import Console
from rich.live import Live
from rich.table import Table

from kerashar.search.history import FAILED, RUNNING, History, TrialRecord
from kerashar.search.leaderboard import leaderboard

UNTOLD = ("backend", "training.epochs", "training.seed")  # in a column of their own, or the same for all trials


PAUSE = 0.2  # seconds between two pictures


class Progress(TrialProgressCallback):
    """Shows running trials, the best so far and the time; on a plain stream, a line for each trial that ends.

    Ray leaves its own lines out where it finds a callback of this base class.

    Args:
        history: of the search.
        total: trials of the whole search.
        console: where to.
    """

    def __init__(self, history: History, total: int, console: Console) -> None:
        self.history = history
        self.total = total
        self.console = console
        self.began = time.monotonic()
        self.shown = 0.0
        self.live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None

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

    def setup(self, *_: Any, **__: Any) -> None:
        self._show()

    def on_trial_start(self, iteration: int, trials: list, trial: Any, **_: Any) -> None:
        self._show()

    def on_trial_result(self, iteration: int, trials: list, trial: Any, result: dict, **_: Any) -> None:
        self._show()

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
        self._show()

    def _show(self) -> None:
        if self.live and time.monotonic() - self.shown > PAUSE:
            self.shown = time.monotonic()
            self.live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        trials = self.history.trials
        ended = sum(trial.status != RUNNING for trial in trials.values())
        best = leaderboard(trials.values())[:1]
        caption = f"{ended} of {self.total} trials ended, {time.monotonic() - self.began:.0f} s"
        if best:
            caption += f"; best: trial {best[0].trial}, {_score(best[0])}"
        table = Table(title="Search", caption=caption)
        for heading in ("trial", "backend", "epochs", "macro F1", "settings"):
            table.add_column(heading)
        for trial in trials.values():
            if trial.status == RUNNING:
                table.add_row(
                    trial.trial,
                    trial.settings["backend"],
                    str(len(trial.reports)),
                    _score(trial),
                    describe(trial),
                )
        return table


def describe(trial: TrialRecord) -> str:
    """The settings of a trial in one line."""
    settings = {name.split(".")[-1]: value for name, value in trial.settings.items() if name not in UNTOLD}
    return ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}" for name, value in settings.items()
    )


def _score(trial: TrialRecord) -> str:
    return "no score yet" if trial.score is None else f"macro F1 {trial.score:.4f}"
