"""Classes from a number."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class TargetBins:
    """Cuts the range of a number into classes of equal width, in order.

    Use it to train a classifier or an `OrdinalHead` on a target that is a number, and to read a number from its logits.

    Args:
        low: least value of the target.
        high: greatest value of the target; it belongs to the last class.
        width: share of the range that one class has, such as 0.05 (20 classes) or 0.1 (10 classes). Defaults to 0.1.

    Raises:
        ValueError: a range without extent, or a width that doesn't divide it into at least 2 whole classes.

    Example:
        >>> bins = TargetBins(0.0, 50.0)
        >>> bins.count, bins.classes(np.array([0.0, 4.9, 5.0, 50.0])).tolist()
        (10, [0, 0, 1, 9])
        >>> bins.names[1]
        '5 to 10'
    """

    low: float
    high: float
    width: float = 0.1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(
                f"Expected a finite low below a finite high. Received: low={self.low!r}, high={self.high!r}."
            )
        if not 0 < self.width <= 0.5 or not math.isclose(1 / self.width, self.count, rel_tol=1e-6):
            raise ValueError(
                "Expected a width that divides the range into whole classes, at least 2, such as 0.05 or 0.1. "
                f"Received: width={self.width!r}."
            )

    @property
    def count(self) -> int:
        """How many classes there are."""
        return round(1 / self.width)

    @property
    def centers(self) -> np.ndarray:
        """The middle of each class `(count,)`, in the target's unit."""
        return self.low + (self.high - self.low) * (np.arange(self.count) + 0.5) / self.count

    @property
    def names(self) -> tuple[str, ...]:
        """What each class is called: from where to where it goes."""
        edges = np.linspace(self.low, self.high, self.count + 1).tolist()
        texts = [f"{edge:.6g}" for edge in edges]
        if len(set(texts)) < len(texts):
            texts = [repr(edge) for edge in edges]
        return tuple(f"{low} to {high}" for low, high in pairwise(texts))

    def classes(self, targets: np.ndarray) -> np.ndarray:
        """The class of each target `(n,)`; ValueError for NaN and for what lies outside the range."""
        shares = self.shares(targets)
        return np.minimum((shares * self.count).astype(np.int64), self.count - 1)

    def one_hot(self, targets: np.ndarray) -> np.ndarray:
        """The class of each target as a row `(n, count)` with a single 1, as losses of classes take it."""
        return np.eye(self.count, dtype="float32")[self.classes(targets)]

    def shares(self, targets: np.ndarray) -> np.ndarray:
        """Where in the range each target `(n,)` lies: 0 at `low`, 1 at `high`; ValueError outside and for NaN."""
        targets = np.asarray(targets, np.float64)
        outside = ~((targets >= self.low) & (targets <= self.high))
        if targets.ndim != 1 or outside.any():
            raise ValueError(
                f"Expected targets (n,) from {self.low} to {self.high}. Received: shape={targets.shape}, "
                f"{np.count_nonzero(outside)} NaN or outside, such as {targets[outside][:3].tolist()}."
            )
        return (targets - self.low) / (self.high - self.low)

    def expected(self, logits: np.ndarray) -> np.ndarray:
        """The mean of the classes' centres, weighted by the probabilities of `logits` `(n, count)`."""
        return _probabilities(logits) @ self.centers

    def most_likely(self, logits: np.ndarray) -> np.ndarray:
        """The centre of the class with the highest of `logits` `(n, count)`."""
        return self.centers[np.argmax(logits, axis=1)]

    def median(self, logits: np.ndarray) -> np.ndarray:
        """The centre of the class that half of the probability of `logits` `(n, count)` lies below and above.

        It is how ordinal models are read: their outer classes take what lies beyond the thresholds, and so may be the
        most likely ones where the score is in the middle.
        """
        up_to = np.cumsum(_probabilities(logits), axis=1)
        return self.centers[np.minimum((up_to < 0.5).sum(axis=1), self.count - 1)]


def _probabilities(logits: np.ndarray) -> np.ndarray:
    logits = np.asarray(logits, np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)
