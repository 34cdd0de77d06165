"""Figures of predicted numbers."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ContinuousMetrics:
    """How well predicted numbers fit targets.

    Args:
        count: number of samples.
        mean_absolute_error: in the target's unit.
        root_mean_squared_error: in the target's unit.
        r_squared: share of the targets' variance that is explained, 1 at best, 0 for their mean, below 0 for worse;
            None where the targets don't differ.
        within_width: share of samples whose error is at most the width.
    """

    count: int
    mean_absolute_error: float
    root_mean_squared_error: float
    r_squared: float | None
    within_width: float

    @classmethod
    def of(cls, predicted: np.ndarray, targets: np.ndarray, width: float) -> "ContinuousMetrics":
        """Compare `predicted` `(n,)` with `targets` `(n,)`; `width` is the error that still passes, in their unit.

        Raises:
            ValueError: no samples, shapes that differ, values that are not finite, or a width that is not above 0.

        Example:
            >>> ContinuousMetrics.of(np.array([1.0, 5.0]), np.array([2.0, 4.5]), width=0.5).within_width
            0.5
        """
        predicted, targets = np.asarray(predicted, np.float64), np.asarray(targets, np.float64)
        if predicted.ndim != 1 or predicted.shape != targets.shape or not len(targets):
            raise ValueError(
                f"Expected predicted and targets (n,), n > 0. Received: shapes {predicted.shape} and {targets.shape}."
            )
        if not (np.isfinite(predicted).all() and np.isfinite(targets).all()):
            raise ValueError("Expected finite numbers. Received: NaN or infinity among the predicted or the targets.")
        if not width > 0:
            raise ValueError(f"Expected width to be above 0. Received: width={width!r}.")
        errors = predicted - targets
        squared = (errors**2).mean()
        return cls(
            count=len(targets),
            mean_absolute_error=float(np.abs(errors).mean()),
            root_mean_squared_error=float(np.sqrt(squared)),
            r_squared=float(1 - squared / targets.var()) if np.ptp(targets) else None,
            within_width=float((np.abs(errors) <= width).mean()),
        )

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data for a JSON file."""
        return asdict(self)
