"""What trials see of a split."""

from dataclasses import dataclass

from kerashar.data import WindowSet


@dataclass(frozen=True)
class Sides:
    """The part of a split that trials see: the test side stays with the driver."""

    train: WindowSet
    validation: WindowSet
