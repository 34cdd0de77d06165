"""One fold of a cross-validation."""

from dataclasses import asdict, dataclass
from typing import Any

from kerashar.training.metrics import Metrics


@dataclass(frozen=True)
class Fold:
    """What one fold of a cross-validation gave.

    Args:
        number: of the fold, from 1.
        subjects: who was held out: nobody of them trained or validated this fold's model.
        validation_subjects: who chose its best epoch, drawn from the other subjects.
        best_epoch: number of the epoch whose weights were kept, from 1.
        history: figures of each epoch.
        validation: figures on the validation subjects.
        held_out: figures on the held-out subjects.
    """

    number: int
    subjects: list[str]
    validation_subjects: list[str]
    best_epoch: int
    history: list[dict[str, float]]
    validation: Metrics
    held_out: Metrics

    @property
    def seconds(self) -> float:
        """How long the epochs took."""
        return sum(figures["seconds"] for figures in self.history)

    def to_json(self) -> dict[str, Any]:
        """The fold as plain data for a JSON file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Fold":
        """The fold that `to_json` wrote."""
        metrics = {name: Metrics(**data[name]) for name in ("validation", "held_out")}
        return cls(**{**data, **metrics})
