"""Checks that windows and images share."""

from collections.abc import Sequence

import numpy as np


def as_integers(name: str, values: np.ndarray) -> np.ndarray:
    """Values as int64; ValueError where they aren't integers: a float or string label is a mistake, not a class."""
    values = np.asarray(values)
    if values.size and values.dtype.kind not in "iu":
        raise ValueError(f"Expected {name} to be integers. Received: dtype {values.dtype}.")
    return values.astype(np.int64)


def check_class_names(class_names: Sequence[str]) -> None:
    """Refuse names that aren't all different, or none."""
    if not class_names or len(set(class_names)) != len(class_names):
        raise ValueError(f"Expected different class names, at least one. Received: {class_names}.")


def check_labels(labels: np.ndarray, num_classes: int) -> None:
    """Refuse labels that are no index of a class."""
    outside = (labels < 0) | (labels >= num_classes)
    if outside.any():
        raise ValueError(f"Expected labels from 0 to {num_classes - 1}. Received: {labels[outside][0]}.")


def check_overlap(overlap: float) -> None:
    """Refuse a share of a window that the next one can't repeat."""
    if not 0 <= overlap < 1:
        raise ValueError(f"Expected 0 <= overlap < 1. Received: overlap={overlap}.")
