"""Figures of a classifier on labelled windows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


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
    """

    count: int
    accuracy: float
    macro_f1: float
    loss: float
    per_class: dict[str, float]
    confusion: list[list[int]]

    @classmethod
    def of(cls, logits: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> "Metrics":
        """Compare `logits` `(windows, classes)` with `labels` `(windows,)`.

        Raises:
            ValueError: no windows, lengths that differ, or logits that are not finite.
        """
        from sklearn.metrics import confusion_matrix, f1_score  # slow to import, needed only here

        if logits.shape != (len(labels), len(class_names)) or not len(labels):
            raise ValueError(
                f"Expected logits ({len(labels)}, {len(class_names)}) for at least one window. "
                f"Received: shape={logits.shape}."
            )
        if not np.isfinite(logits).all():
            raise ValueError("Expected finite logits. Received: NaN or infinity; the model's weights have diverged.")
        logits = logits.astype(np.float64)
        predicted = logits.argmax(axis=1)
        highest = logits.max(axis=1)
        log_sum = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
        present = np.union1d(labels, predicted)
        scores = f1_score(labels, predicted, labels=present, average=None, zero_division=0)
        return cls(
            count=len(labels),
            accuracy=float((predicted == labels).mean()),
            macro_f1=float(np.mean(scores)),
            loss=float((log_sum - logits[np.arange(len(labels)), labels]).mean()),
            per_class={class_names[int(index)]: float(score) for index, score in zip(present, scores, strict=True)},
            confusion=confusion_matrix(labels, predicted, labels=range(len(class_names))).tolist(),
        )

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data for a JSON file."""
        return asdict(self)


def rank_epoch(figures: Mapping[str, float]) -> tuple[float, float]:
    """What a better epoch has more of: macro F1 on the validation subjects, then a lower loss."""
    return figures["val_macro_f1"], -figures["val_loss"]
