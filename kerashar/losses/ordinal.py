"""Ordinal loss."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.losses.classification_loss import ClassificationLoss

_NOTHING = -1e30  # log probability of a class that doesn't count


@keras.saving.register_keras_serializable(package="kerashar")
class Ordinal(ClassificationLoss):
    """Cross-entropy of "is it above class k?" for each k: a class counts the more, the further it is from the target.

    Use it where the classes are in order, such as intensities or ranges of a number. Logits stay one for each class
    and softmax stays their probabilities: the chance of "above k" is that of the classes above it together, so that
    the answers never contradict each other. `OrdinalHead` gives logits made for it; those of a Dense layer do too.

    Args:
        class_weights: one factor for each class, at least 0; `None` for 1. Defaults to `None`.
        label_smoothing: share of each target spread evenly over the classes, in [0, 1). Defaults to 0.

    Call arguments:
        y_true: targets `(batch, classes)`, each row with sum 1, classes in order.
        y_pred: logits `(batch, classes)`.

    Raises:
        ValueError: weights or smoothing out of range, or targets, logits and weights that don't fit each other.

    Example:
        >>> import numpy as np
        >>> near, far = np.array([[0.0, 0, 5, 0, 0]]), np.array([[0.0, 0, 0, 0, 5]])
        >>> target = np.eye(5)[[1]]
        >>> [round(float(Ordinal()(target, logits)), 2) for logits in (near, far)]
        [4.36, 11.91]

    Reference:
        Cao et al., "Rank Consistent Ordinal Regression for Neural Networks" (CORAL), 2020: the same sum of binary
        cross-entropies, all with importance 1; theirs takes k - 1 logits with shared weights instead of a softmax.
    """

    def of(self, targets: Any, log_probabilities: Any) -> Any:
        classes = log_probabilities.shape[-1]
        above = np.triu(np.ones((classes, classes), "float32"), 1)[:-1]  # (thresholds, classes)
        return self._missed(targets, log_probabilities, above) + self._missed(targets, log_probabilities, 1 - above)

    def _missed(self, targets: Any, log_probabilities: Any, side: np.ndarray) -> Any:
        """Cross-entropy with one answer to each threshold: that the class is on this side of it."""
        log_chance = ops.logsumexp(ops.where(side > 0, log_probabilities[:, None], _NOTHING), axis=-1)
        return -ops.sum(ops.matmul(targets, side.T) * log_chance, axis=-1)
