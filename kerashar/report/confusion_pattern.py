"""What is taken for what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kerashar.training.metrics import Metrics


@dataclass(frozen=True)
class ConfusionPattern:
    """A class that is taken for another.

    Args:
        true: the class.
        given: what it is taken for.
        count: how often.
        support: of so many of the class.

    Example:
        >>> str(ConfusionPattern("sitting", "standing", 41, 508))
        'sitting taken for standing: 41 of 508'
    """

    true: str
    given: str
    count: int
    support: int

    @property
    def share(self) -> float:
        """Share of the class."""
        return self.count / self.support

    def __str__(self) -> str:
        return f"{self.true} taken for {self.given}: {self.count:,} of {self.support:,}"


def confusion_patterns(metrics: Metrics, class_names: Sequence[str], most: int = 6) -> list[ConfusionPattern]:
    """The most frequent confusions, the most frequent first; of equally frequent ones the larger share of its class."""
    counts = np.array(metrics.confusion)
    wrong = counts * (1 - np.eye(len(counts), dtype=int))
    patterns = [
        ConfusionPattern(class_names[true], class_names[given], int(wrong[true, given]), int(counts[true].sum()))
        for true, given in np.argwhere(wrong).tolist()
    ]
    return sorted(patterns, key=lambda pattern: (-pattern.count, -pattern.share, pattern.true, pattern.given))[:most]
