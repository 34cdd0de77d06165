"""The table of a search's trials, best first."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kerashar.files import write_csv
from kerashar.search.history import FAILED, TrialRecord


def leaderboard(trials: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The trials with a score, best first; of equal scores the earlier trial."""
    scored = [trial for trial in trials if trial.score is not None and trial.status != FAILED]
    return sorted(scored, key=lambda trial: (-(trial.score or 0.0), trial.trial))


def write_leaderboard(path: Path, ranked: list[TrialRecord]) -> None:
    """Write ranked trials as CSV: rank, figures of the best epoch, cost, settings; empty where a trial has no such."""
    measures = dict.fromkeys(name for trial in ranked for name in trial.measures)
    settings = dict.fromkeys(name for trial in ranked for name in trial.settings)

    def row(rank: int, trial: TrialRecord) -> dict[str, Any]:
        best = trial.best or {}
        return {
            "rank": rank,
            "trial": trial.trial,
            "status": trial.status,
            "val_macro_f1": best["val_macro_f1"],
            "val_accuracy": best["val_accuracy"],
            "val_loss": best["val_loss"],
            "best_epoch": best["epoch"],
            "epochs": len(trial.reports),
            "seconds": round(sum(report["seconds"] for report in trial.reports), 2),
            **{name: trial.measures.get(name, "") for name in measures},
            **{name: trial.settings.get(name, "") for name in settings},
        }

    write_csv(path, [row(rank, trial) for rank, trial in enumerate(ranked, start=1)])
