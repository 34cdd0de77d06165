"""Runs side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashar.files import write_atomically
from kerashar.runs.finding import read_run
from kerashar.runs.run import Run
from kerashar.training.metrics import rank_epoch

Row = tuple[str, list[str]]  # what, and its text for each run; empty where a run has no such
_OF_SEARCH = (
    *("model", "trials", "scheduler", "searcher", "objectives", "backends", "seed", "grace_period"),
    *("reduction_factor", "out_of_memory"),
)


@dataclass(frozen=True)
class RunComparison:
    """Figures, settings and learning curves of runs side by side.

    Use it to see what two runs did otherwise and what came of it. Whether one is better than another, beyond chance,
    `compare_runs` of `kerashar.training` says of cross-validations, and `write_report` of two runs.

    Args:
        runs: at least two.

    Raises:
        ValueError: fewer runs, or a damaged one.

    Example:
        >>> comparison = RunComparison.of(["runs/first", "runs/second"])  # doctest: +SKIP
        >>> comparison.settings()  # doctest: +SKIP
        [('learning_rate', ['0.002', '0.001'])]
    """

    runs: Sequence[Run]

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise ValueError(f"Expected at least two runs. Received: {len(self.runs)}.")
        for run in self.runs:
            if run.state == "damaged":
                raise ValueError(f"Expected whole runs. Received: {run.name}, where {run.damage}.")

    @classmethod
    def of(cls, folders: Sequence[Path | str]) -> "RunComparison":
        """The comparison of the runs in these folders."""
        return cls([read_run(folder) for folder in folders])

    def figures(self) -> list[Row]:
        """What the runs are and what came of them; rows that all of them lack are left out."""
        rows = [_figures(run) for run in self.runs]
        return [(name, [row[name] for row in rows]) for name in rows[0] if any(row[name] for row in rows)]

    def settings(self) -> list[Row]:
        """The settings in which the runs differ; of a search the recipe of its best trial, and of several their own."""
        searches = sum(run.kind == "search" for run in self.runs)
        settings = [{**(_of_search(run) if searches > 1 else {}), **_flat(run.recipe)} for run in self.runs]
        names = dict.fromkeys(name for each in settings for name in each)
        rows = [(name, [each.get(name, "") for each in settings]) for name in names]
        return [(name, [_text(value) for value in values]) for name, values in rows if len(set(map(str, values))) > 1]

    def same_windows(self) -> bool:
        """Whether all runs that say which windows they had name the same: figures of others don't compare."""
        told = [run.windows for run in self.runs if run.windows]
        return all(windows == told[0] for windows in told)

    def draw(self, path: Path) -> None:
        """Draw macro F1 and loss on the validation subjects over the epochs; folds and stages share a colour."""
        from matplotlib.figure import Figure  # slow to import, needed only here

        figure = Figure((11, 4.2), layout="constrained")
        axes = figure.subplots(1, 2)
        for number, run in enumerate(self.runs):
            for place, curve in enumerate(run.curves.values()):
                best = max(range(len(curve)), key=lambda epoch, curve=curve: rank_epoch(curve[epoch]))
                for axis, name in zip(axes, ("val_macro_f1", "val_loss"), strict=True):
                    epochs = [epoch for epoch, figures in enumerate(curve) if name in figures]
                    axis.plot(
                        [epoch + 1 for epoch in epochs],
                        [curve[epoch][name] for epoch in epochs],
                        color=f"C{number % 10}",
                        alpha=0.9 if len(run.curves) == 1 else 0.4,
                        marker="o",
                        markevery=[epochs.index(best)] if best in epochs else [],
                        label=None if place else run.name,
                    )
        for axis, name in zip(axes, ("macro F1", "loss"), strict=True):
            axis.set(xlabel="epoch", ylabel=f"{name} on the validation subjects")
            axis.xaxis.get_major_locator().set_params(integer=True)
        axes[0].set_title("o: the epoch that is kept")
        axes[1].legend(fontsize="small")
        write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=110))


def _figures(run: Run) -> dict[str, str]:
    crossed = run.kind == "cross-validation"  # of which each fold has an epoch that is kept
    curve = [] if crossed or not run.curves else list(run.curves.values())[-1]
    best = max(curve, key=rank_epoch, default={})
    seconds = sum(figures.get("seconds", 0.0) for each in run.curves.values() for figures in each)
    return {
        "kind": run.kind,
        "state": run.state,
        "model": run.model,
        "data": run.data,
        "backend": run.backend,
        "done": run.progress,
        "best trial": run.best_trial or "",
        "best epoch": str(1 + curve.index(best)) if curve else "",
        "validation macro F1": "" if crossed else percent(run.score),
        "held-out macro F1": percent(run.score) if crossed else "",
        "validation accuracy": percent(best.get("val_accuracy")),
        "validation loss": f"{best['val_loss']:.4f}" if best else "",
        "test accuracy": percent(run.test.get("accuracy")),
        "test macro F1": percent(run.test.get("macro_f1")),
        "looks at the test": str(run.looks or ""),
        "seconds of training": f"{seconds:.0f}" if seconds else "",
    }


def percent(share: float | None) -> str:
    """A share as a table shows it."""
    return "" if share is None else f"{share:.2%}"


def _of_search(run: Run) -> dict[str, Any]:
    """What a search chooses among, and how."""
    own = {f"search: {name}": run.choices[name] for name in _OF_SEARCH if name in run.choices}
    for group, domains in run.choices.get("space", {}).items():
        own |= {f"space: {group}.{name}": _domain(domain) for name, domain in domains.items()}
    return own


def _flat(settings: Mapping[str, Any], ahead: str = "") -> dict[str, Any]:
    """Settings of settings under names such as `model_settings.hidden`."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{ahead}{name}.") if isinstance(value, dict) else {f"{ahead}{name}": value}
    return flat


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _domain(value: Any) -> Any:
    """A domain as one writes it."""
    if not isinstance(value, dict) or "domain" not in value:
        return value
    arguments = ", ".join(str(each) for name, each in value.items() if name != "domain")
    return f"{value['domain']}({arguments})"
