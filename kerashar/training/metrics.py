"""Figures of a classifier on labelled windows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from kerashar.names import in_counting_order
from kerashar.training.calibration import brier_score, calibration_error
from kerashar.training.confusion import accuracy, class_scores, confusion_matrix, macro_f1


@dataclass(frozen=True)
class Metrics:
    """How well logits fit labels.

    Args:
        count: number of windows.
        accuracy: share of windows classified right.
        macro_f1: mean F1 over the classes that occur among labels or predictions.
        loss: mean cross-entropy in nats.
        per_class: F1 of each class that occurs.
        confusion: windows of each class (row) given each class (column), in the order of the class names.
        precision: of each class that occurs.
        recall: of each class that occurs.
        calibration_error: expected calibration error over 15 bins of equal width; see `calibration_error`. None in a
            file of an older version, as the figures below it.
        calibration_error_equal_mass: the same over bins of equal mass.
        brier: Brier score; see `brier_score`.
        per_subject: `count`, `accuracy` and `macro_f1` of each subject; empty where nobody said whose the windows are.
    """

    count: int
    accuracy: float
    macro_f1: float
    loss: float
    per_class: dict[str, float]
    confusion: list[list[int]]
    precision: dict[str, float] = field(default_factory=dict)
    recall: dict[str, float] = field(default_factory=dict)
    calibration_error: float | None = None
    calibration_error_equal_mass: float | None = None
    brier: float | None = None
    per_subject: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, logits: np.ndarray, labels: np.ndarray, class_names: Sequence[str], subjects: np.ndarray | None = None
    ) -> "Metrics":
        """Compare `logits` `(windows, classes)` with `labels` `(windows,)`; `subjects` `(windows,)` are whose they are.

        Subjects have figures of their own where several windows are of one.

        Raises:
            ValueError: no windows, lengths that differ, or logits that are not finite.
        """
        from scipy.special import log_softmax  # slow to import, needed only here

        if logits.shape != (len(labels), len(class_names)) or not len(labels):
            raise ValueError(
                f"Expected logits ({len(labels)}, {len(class_names)}) for at least one window. "
                f"Received: shape={logits.shape}."
            )
        if subjects is not None and subjects.shape != labels.shape:
            raise ValueError(f"Expected a subject for each of {len(labels)} windows. Received: {subjects.shape}.")
        if not np.isfinite(logits).all():
            raise ValueError("Expected finite logits. Received: NaN or infinity; the model's weights have diverged.")
        logs = log_softmax(logits.astype(np.float64), axis=1)
        probabilities = np.exp(logs)
        predicted = logits.argmax(axis=1)

        def count(rows: np.ndarray | slice) -> np.ndarray:
            return confusion_matrix(labels[rows], predicted[rows], len(class_names))

        confusion = count(slice(None))
        occurring = np.union1d(labels, predicted)
        precision, recall, f1 = (
            {class_names[int(index)]: float(scores[index]) for index in occurring} for scores in class_scores(confusion)
        )
        # Where each sample stands alone, figures of each subject would be figures of each sample.
        people = []
        if subjects is not None and len(np.unique(subjects)) < len(subjects):
            people = in_counting_order(subjects.tolist())
        return cls(
            count=len(labels),
            accuracy=float(accuracy(confusion)),
            macro_f1=float(macro_f1(confusion)),
            loss=float(-logs[np.arange(len(labels)), labels].mean()),
            per_class=f1,
            confusion=confusion.tolist(),
            precision=precision,
            recall=recall,
            calibration_error=calibration_error(probabilities, labels),
            calibration_error_equal_mass=calibration_error(probabilities, labels, binning="mass"),
            brier=brier_score(probabilities, labels),
            per_subject={person: _subject_figures(count(subjects == person)) for person in people},
        )

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data for a JSON file."""
        return asdict(self)


def _subject_figures(confusion: np.ndarray) -> dict[str, float]:
    return {
        "count": int(confusion.sum()),
        "accuracy": float(accuracy(confusion)),
        "macro_f1": float(macro_f1(confusion)),
    }


def rank_epoch(figures: Mapping[str, float]) -> tuple[float, float]:
    """What a better epoch has more of: macro F1 on the validation subjects, then a lower loss.

    Without labels there is no macro F1, and the loss alone counts.
    """
    return figures.get("val_macro_f1", 0.0), -figures["val_loss"]
