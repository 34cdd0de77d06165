"""Cross-entropy."""

from typing import Any

import keras
from keras import ops

from kerashar.losses.classification_loss import ClassificationLoss


@keras.saving.register_keras_serializable(package="kerashar")
class CrossEntropy(ClassificationLoss):
    """Cross-entropy of logits and one-hot or soft targets.

    Use it as the first loss for classes. Keras' `CategoricalCrossentropy` has no class weights that hold for soft
    targets, such as mixup's; here the weight of a sample is `sum_k target_k class_weight_k` over its targets before
    smoothing.

    Args:
        class_weights: one factor for each class, at least 0; `None` for 1. Defaults to `None`.
        label_smoothing: share of each target spread evenly over the classes, in [0, 1). Defaults to 0.

    Call arguments:
        y_true: targets `(batch, classes)`, each row with sum 1.
        y_pred: logits `(batch, classes)`.

    Raises:
        ValueError: weights or smoothing out of range, or targets, logits and weights that don't fit each other.

    Example:
        >>> import numpy as np
        >>> round(float(CrossEntropy()(np.eye(4)[[2]], np.zeros((1, 4)))), 4)  # log 4
        1.3863

    Reference:
        Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, for the smoothing.
    """

    def of(self, targets: Any, log_probabilities: Any) -> Any:
        return -ops.sum(targets * log_probabilities, axis=-1)
