"""Weights of classes."""

import numpy as np


def balanced_class_weights(labels: np.ndarray, num_classes: int) -> list[float]:
    """Weights with which all classes together count alike, and a sample counts 1 on average.

    Use it on the training labels where classes are rare and `create_loss(class_weights=...)` should make up for it.

    Args:
        labels: `(n,)`, whole numbers from 0 to `num_classes - 1`; at least one.
        num_classes: how many classes there are.

    Returns:
        One weight for each class: n / (classes that occur * samples of the class). A class without samples gets 1.

    Raises:
        ValueError: no labels, or labels out of range.

    Example:
        >>> balanced_class_weights(np.array([0, 0, 0, 1]), 3)
        [0.6666666666666666, 2.0, 1.0]

    Reference:
        King and Zeng, "Logistic Regression in Rare Events Data", 2001; scikit-learn's `"balanced"` is the same where
        every class occurs.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not len(labels) or labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"Expected labels (n,) from 0 to {num_classes - 1}, n > 0. Received: shape={labels.shape}, "
            f"values={np.unique(labels).tolist()[:10]}."
        )
    counts = np.bincount(labels, minlength=num_classes)
    share = len(labels) / np.count_nonzero(counts)
    return np.where(counts > 0, share / np.maximum(counts, 1), 1.0).tolist()
