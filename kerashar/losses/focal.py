"""Focal loss."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashar.losses.classification_loss import ClassificationLoss

_SMALLEST = 1e-7  # of 1 - p: its power has no finite slope at 0 where gamma is below 1


@keras.saving.register_keras_serializable(package="kerashar")
class Focal(ClassificationLoss):
    """Cross-entropy in which a class counts the less, the surer the model is of it: `(1 - p)^gamma (-log p)`.

    Use it where easy windows outnumber the hard ones. The paper's alpha is `class_weights`.

    Args:
        gamma: how fast sure predictions lose weight, at least 0; 0 is cross-entropy. Defaults to 2.
        class_weights: one factor for each class, at least 0; `None` for 1. Defaults to `None`.
        label_smoothing: share of each target spread evenly over the classes, in [0, 1). Defaults to 0.

    Call arguments:
        y_true: targets `(batch, classes)`, each row with sum 1.
        y_pred: logits `(batch, classes)`.

    Raises:
        ValueError: gamma, weights or smoothing out of range, or targets, logits and weights that don't fit each other.

    Example:
        >>> import numpy as np
        >>> round(float(Focal(gamma=2.0)(np.eye(4)[[2]], np.zeros((1, 4)))), 4)  # 0.75^2 log 4
        0.7798

    Reference:
        Lin et al., "Focal Loss for Dense Object Detection", 2017, for one sigmoid per class; here by softmax, with
        soft targets summed over the classes.
    """

    def __init__(
        self,
        gamma: float = 2.0,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(class_weights, label_smoothing, **kwargs)
        if not gamma >= 0:
            raise ValueError(f"Expected gamma to be at least 0. Received: gamma={gamma!r}.")
        self.gamma = gamma

    def of(self, targets: Any, log_probabilities: Any) -> Any:
        unsure = ops.power(ops.clip(1 - ops.exp(log_probabilities), _SMALLEST, 1.0), self.gamma)
        return -ops.sum(targets * unsure * log_probabilities, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma}
