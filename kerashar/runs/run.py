"""A run, as its folder tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["training", "fine-tuning", "pretraining", "cross-validation", "search", "study"]
State = Literal["finished", "unfinished", "running", "damaged"]
Curve = list[dict[str, float]]  # figures of each epoch

_COUNTED = {"cross-validation": "folds", "search": "trials", "study": ""}


@dataclass(frozen=True)
class Run:
    """What the folder of a run says, without looking at models or data.

    Use `read_run` or `find_runs` to make it.

    Args:
        folder: the run's.
        name: its path below the folder that was looked through.
        kind: what it is.
        state: finished, unfinished, running (a living process holds its lock), or damaged.
        damage: what is damaged.
        model: name of the model; of several that are searched over, all of them.
        data: name of the data set.
        backend: what it trained on; of a search the backends to choose among.
        done: epochs that are over; of a cross-validation folds, of a search trials.
        planned: how many there are in all.
        score: macro F1 on the validation subjects in the best epoch, of a search in its best trial; of a
            cross-validation that of all held-out windows together.
        test: figures on the test windows that are on record; empty where nobody has looked.
        looks: how often somebody has.
        recipe: settings of the training; of a search those of its best trial.
        choices: settings of a search itself: its space and how it draws.
        windows: fingerprints of the windows, by side.
        curves: figures of each epoch, by the name of a fold or stage; under `""` of a single training and of a
            search's best trial.
        best_trial: of a search, so far.
        written: when something in it was last written, in seconds since 1970.
        size: bytes of its files.
    """

    folder: Path
    name: str
    kind: Kind
    state: State
    damage: str = ""
    model: str = ""
    data: str = ""
    backend: str = ""
    done: int = 0
    planned: int = 0
    score: float | None = None
    test: Mapping[str, Any] = field(default_factory=dict)
    looks: int = 0
    recipe: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    best_trial: str | None = None
    written: float = 0.0
    size: int = 0

    @property
    def progress(self) -> str:
        """How far it is, such as `7 of 10 epochs`."""
        unit = _COUNTED.get(self.kind, "epochs")
        return f"{self.done} of {self.planned} {unit}" if self.planned and unit else ""
