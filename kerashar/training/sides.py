"""The sides of a split that training reads."""

from dataclasses import dataclass
from typing import Protocol

from kerashar.data.sample_set import SampleSet


class TrainingSides(Protocol):
    """What training reads of a `SubjectSplit` or `ImageSplit`: a search gives its trials these and keeps the third."""

    @property
    def train(self) -> SampleSet: ...
    @property
    def validation(self) -> SampleSet: ...


@dataclass(frozen=True)
class Sides:
    """A split without its test side: what trials, folds and helping processes get."""

    train: SampleSet
    validation: SampleSet
