"""One labelled stretch of a recording."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of a recording during which one activity went on.

    Use it to say which samples of a `Recording` carry which label; samples outside every segment have none.

    Args:
        label: the activity's name.
        start: first sample, counted from 0.
        stop: one past the last sample.

    Raises:
        ValueError: the label is empty, `start` is negative, or the stretch holds no sample.

    Example:
        >>> Segment("walking", start=250, stop=1232).stop
        1232
    """

    label: str
    start: int
    stop: int

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("Expected a label that is not empty. Received: ''.")
        if not 0 <= self.start < self.stop:
            raise ValueError(
                "Expected 0 <= start < stop, in samples, stop not included. "
                f"Received: start={self.start}, stop={self.stop} for {self.label!r}."
            )
