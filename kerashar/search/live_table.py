"""What a terminal shows of a search that runs."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from kerashar.search.history import TrialRecord

UNTOLD = ("backend", "training.epochs", "training.seed")  # in a column of their own, or the same for all trials
WIDE = 120  # columns from which bars are twice as long


class LiveTable:
    """Facts of the search, and below them as many of its running trials as the terminal has room for.

    Args:
        facts: by what they are about.
        running: trials.
        epochs: of a trial that doesn't end early.
    """

    def __init__(self, facts: dict[str, str], running: Sequence[TrialRecord], epochs: int) -> None:
        self.facts = facts
        self.running = running
        self.epochs = epochs

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        facts = Table.grid(padding=(0, 2))
        for name, fact in self.facts.items():
            facts.add_row(Text(name, style="bold"), Text(fact))
        yield facts
        # The line of headings takes one, and one stays free, or the terminal would scroll.
        room = console.height - len(console.render_lines(facts, options)) - 2
        shown = self.running if len(self.running) <= room else self.running[: max(room - 1, 1)]
        if shown:
            yield self._table(shown, bar=20 if options.max_width >= WIDE else 10)
        if len(shown) < len(self.running):
            yield Text(f"and {len(self.running) - len(shown)} more")

    def _table(self, shown: Sequence[TrialRecord], bar: int) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("trial", "backend", "", "epochs", "macro F1"):
            table.add_column(heading, no_wrap=True)
        table.add_column("settings")  # the one that gives way where the terminal is narrow
        for trial in shown:
            table.add_row(
                trial.trial,
                str(trial.settings["backend"]),
                ProgressBar(self.epochs, trial.reached, bar),
                f"{trial.reached}/{self.epochs}",
                "" if trial.score is None else f"{trial.score:.4f}",
                Text(describe(trial), no_wrap=True, overflow="ellipsis"),
            )
        return table


def describe(trial: TrialRecord) -> str:
    """The settings of a trial in one line."""
    settings = {name.split(".")[-1]: value for name, value in trial.settings.items() if name not in UNTOLD}
    return ", ".join(f"{name}={_short(value)}" for name, value in settings.items())


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
