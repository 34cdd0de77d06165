"""The sides of a split that training reads."""

from dataclasses import dataclass
from typing import Protocol

from kerashar.data import WindowSet


class TrainingSides(Protocol):
    """What training reads of a `SubjectSplit`: a search hands its trials these two sides and keeps the third."""

    @property
    def train(self) -> WindowSet: ...
    @property
    def validation(self) -> WindowSet: ...


@dataclass(frozen=True)
class Sides:
    """A split without its test side: what trials, folds and helping processes get."""

    train: WindowSet
    validation: WindowSet
