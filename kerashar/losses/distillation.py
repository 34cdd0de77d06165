"""Distillation loss."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashar.losses.cross_entropy import CrossEntropy


@keras.saving.register_keras_serializable(package="kerashar")
class Distillation(CrossEntropy):
    """Cross-entropy with the labels, mixed with the distance to what a teacher says of the same window.

    Use it to train a small model on a large one's, or an ensemble's, outputs; `kerashar.training.distill` does so. The
    targets hold one-hot labels and the teacher's logits side by side, so that it goes through Keras' `fit`:
    `alpha T^2 KL(softmax(teacher / T) || softmax(student / T)) + (1 - alpha) cross-entropy(labels, student)`.

    Args:
        temperature: T, above 0, by which both logits are divided: higher ones tell more of the unlikely classes.
            Defaults to 2.
        alpha: share of the teacher in the loss, in [0, 1]. Defaults to 0.5.
        class_weights: one factor for each class in the labels' part, at least 0; `None` for 1. Defaults to `None`.
        label_smoothing: share of each label spread evenly over the classes, in [0, 1). Defaults to 0.

    Call arguments:
        y_true: targets `(batch, 2 * classes)`: labels with sum 1, then the teacher's logits.
        y_pred: logits `(batch, classes)`.

    Raises:
        ValueError: a setting out of range, or targets, logits and weights that don't fit each other.

    Example:
        >>> import numpy as np
        >>> labels, teacher = np.eye(3)[[0]], np.array([[2.0, 1.0, 0.0]])
        >>> targets = np.concatenate([labels, teacher], axis=1)
        >>> round(float(Distillation(alpha=1.0)(targets, teacher)), 4)
        0.0

    Reference:
        Hinton et al., "Distilling the Knowledge in a Neural Network", 2015. Theirs is cross-entropy with the teacher,
        which differs by a constant, and weighs the teacher by 1.
    """

    def __init__(
        self,
        temperature: float = 2.0,
        alpha: float = 0.5,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(class_weights, label_smoothing, **kwargs)
        if not temperature > 0:
            raise ValueError(f"Expected temperature to be above 0. Received: temperature={temperature!r}.")
        if not 0 <= alpha <= 1:
            raise ValueError(f"Expected alpha to be from 0 to 1. Received: alpha={alpha!r}.")
        self.temperature = temperature
        self.alpha = alpha

    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = y_pred.shape[-1]
        if y_true.shape[-1] not in (2 * classes, None):
            raise ValueError(
                f"Expected targets (batch, {2 * classes}): labels, then the teacher's logits, side by side. "
                f"Received: targets of shape {tuple(y_true.shape)}."
            )
        labels, teacher = y_true[:, :classes], y_true[:, classes:]
        told = ops.log_softmax(teacher / self.temperature)
        answered = ops.log_softmax(y_pred / self.temperature)
        distance = ops.sum(ops.exp(told) * (told - answered), axis=-1)
        return self.alpha * self.temperature**2 * distance + (1 - self.alpha) * super().call(labels, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "temperature": self.temperature, "alpha": self.alpha}
