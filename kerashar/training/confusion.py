"""Scores of classes from counts of what was taken for what."""

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Windows of each class (row) given each class (column), `(classes, classes)`.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def accuracy(confusion: np.ndarray) -> np.ndarray:
    """Share of windows classified right, `(...)`, from counts `(..., classes, classes)`."""
    return np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1))


def class_scores(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class, each `(..., classes)`; 0 where there is nothing to divide by.

    Example:
        >>> precision, recall, f1 = class_scores(np.array([[1, 1], [0, 2]]))
        >>> f1.round(3).tolist()
        [0.667, 0.8]
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, given = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return right / np.maximum(given, 1), right / np.maximum(true, 1), 2 * right / np.maximum(true + given, 1)


def macro_f1(confusion: np.ndarray) -> np.ndarray:
    """Mean F1 `(...)` over the classes that occur among labels or predictions."""
    occurs = (confusion.sum(axis=-1) + confusion.sum(axis=-2)) > 0
    return class_scores(confusion)[2].sum(axis=-1) / occurs.sum(axis=-1)
