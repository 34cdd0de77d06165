"""What losses of classes share."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


class ClassificationLoss(keras.losses.Loss):
    """Compares logits with one-hot or soft targets, with weights of the classes and label smoothing.

    Use it as the base of such losses: give `of`. All is computed in float32 whatever the model's precision, from log
    probabilities, so that logits of +-1e4 give a finite loss and a finite gradient.

    The weight of a sample is `sum_k target_k class_weight_k` over its targets before smoothing. The batch's loss is
    the mean of the weighted losses: as Keras' `class_weight`, not divided by the sum of the weights as PyTorch's.

    Args:
        class_weights: one factor for each class, at least 0; `None` for 1. Defaults to `None`.
        label_smoothing: share of each target spread evenly over the classes, in [0, 1). Defaults to 0.

    Call arguments:
        y_true: targets `(batch, classes)`, each row with sum 1.
        y_pred: logits `(batch, classes)`.

    Raises:
        ValueError: weights or smoothing out of range, or targets, logits and weights that don't fit each other.
    """

    def __init__(
        self, class_weights: Sequence[float] | None = None, label_smoothing: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.class_weights = None if class_weights is None else [float(weight) for weight in class_weights]
        if self.class_weights is not None:
            in_range = all(math.isfinite(weight) and weight >= 0 for weight in self.class_weights)
            if not in_range or not any(self.class_weights):
                raise ValueError(
                    "Expected class_weights of at least 0, one of them above. "
                    f"Received: class_weights={self.class_weights}."
                )
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                f"Expected label_smoothing to be at least 0 and below 1. Received: label_smoothing={label_smoothing!r}."
            )
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = y_pred.shape[-1]
        if len(y_true.shape) != len(y_pred.shape) or y_true.shape[-1] not in (classes, None):
            raise ValueError(
                f"Expected one-hot or soft targets (batch, {classes}), as keras.utils.to_categorical makes them. "
                f"Received: targets of shape {tuple(y_true.shape)} for logits of shape {tuple(y_pred.shape)}."
            )
        smoothed = (1 - self.label_smoothing) * y_true + self.label_smoothing / classes
        losses = self.of(smoothed, ops.log_softmax(y_pred))
        if self.class_weights is None:
            return losses
        if len(self.class_weights) != classes:
            raise ValueError(f"Expected {classes} class_weights. Received: class_weights={self.class_weights}.")
        return losses * ops.sum(y_true * ops.convert_to_tensor(self.class_weights, "float32"), axis=-1)

    def of(self, targets: Any, log_probabilities: Any) -> Any:
        """The losses `(batch,)` of smoothed targets and log probabilities `(batch, classes)`."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        settings = {"class_weights": self.class_weights, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **settings}
