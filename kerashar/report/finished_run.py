"""A finished run, as a report sees it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.sample_set import SampleSet
from kerashar.training.fold import Fold
from kerashar.training.metrics import Metrics, rank_epoch
from kerashar.training.predictions import Predictions
from kerashar.training.recipe import Recipe

History = list[dict[str, float]]


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A finished run: what its folder says, and what its models say of one side of the data.

    Use `read_run` to make it.

    Args:
        folder: where its looks at the test are on record.
        side: whose windows these are: `"validation"`, `"test"`, or `"held-out"` of a cross-validation.
        recipe: its settings.
        versions: what `recipe.json` and `run.json` say of who wrote them.
        predictions: what was said of each window or image.
        histories: by the name of a fold or stage, the figures of its epochs; of a single training under `""`.
        models: file of each model, and the rows of the predictions that are its own.
        samples: the windows or images, in the order of the predictions; None where nobody can say.
        split: the sides of the data; None of a cross-validation.
        folds: of a cross-validation.
        people: of each fold the subjects of each side.
    """

    folder: Path
    side: str
    recipe: Recipe
    versions: dict[str, Any]
    predictions: Predictions
    histories: dict[str, History]
    models: list[tuple[Path, np.ndarray]]
    samples: SampleSet | None = None
    split: DisjointSplit | None = None
    folds: tuple[Fold, ...] = ()
    people: tuple[dict[str, list[str]], ...] = ()

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.folder.resolve().name

    @property
    def item(self) -> str:
        """What there are predictions of, in the singular."""
        return self.predictions.item

    @property
    def group(self) -> str:
        """What several of them may share, in the singular."""
        return "subject" if self.item == "window" else "group"

    @property
    def class_names(self) -> list[str]:
        """The classes, in the order of the logits."""
        return self.predictions.class_names.tolist()

    @cached_property
    def metrics(self) -> Metrics:
        """The figures over all windows or images."""
        return self.predictions.metrics()

    @cached_property
    def probabilities(self) -> np.ndarray:
        """`(windows, classes)`."""
        from scipy.special import softmax  # slow to import, needed only here

        return softmax(self.predictions.logits.astype(np.float64), axis=1)

    @property
    def predicted(self) -> np.ndarray:
        """Index of the class that each is taken for."""
        return self.predictions.logits.argmax(axis=1)

    @property
    def confidence(self) -> np.ndarray:
        """Probability of that class."""
        return self.probabilities.max(axis=1)

    @property
    def right(self) -> np.ndarray:
        """Whether it is the true one."""
        return self.predicted == self.predictions.labels


def best_epoch(history: History) -> int:
    """Number of the epoch that was kept, from 1: the best one, of equal ones the first.

    Example:
        >>> best_epoch([{"val_macro_f1": 0.5, "val_loss": 1.0}, {"val_macro_f1": 0.6, "val_loss": 2.0}])
        2
    """
    return 1 + max(range(len(history)), key=lambda number: rank_epoch(history[number]))
