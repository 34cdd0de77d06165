"""Validation figures after each epoch."""

import math
from collections.abc import Callable
from typing import Any

import keras

from kerashar.callbacks.averaged_weights import averaged_weights
from kerashar.training.metrics import Metrics


class Validation(keras.callbacks.Callback):
    """Adds `val_loss`, `val_accuracy` and `val_macro_f1` to the epoch's logs, for the callbacks after it.

    Use it in place of `fit(validation_data=...)`: it has macro F1, plain cross-entropy (no label smoothing), and
    compiles one shape only. Of an optimizer that averages the weights the averages are measured.

    An epoch whose training loss is not finite ends the training with an error before anything is measured.

    Args:
        measure: gives the figures of a model, such as `lambda model: evaluate(model, split.validation)`.

    Raises:
        ValueError: the training has diverged.
    """

    def __init__(self, measure: Callable[[keras.Model], Metrics]) -> None:
        super().__init__()
        self.measure = measure

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        expect_finite(logs["loss"], epoch)
        with averaged_weights(self.model):
            metrics = self.measure(self.model)
        logs["val_loss"] = metrics.loss
        logs["val_accuracy"] = metrics.accuracy
        logs["val_macro_f1"] = metrics.macro_f1


def expect_finite(loss: float, epoch: int) -> None:
    """Refuse to go on after an epoch, counted from 0, in which the training diverged."""
    if not math.isfinite(loss):
        raise ValueError(
            f"Expected a finite loss. Received: loss={loss} in epoch {epoch + 1}. "
            "The training has diverged: lower learning_rate or clip_norm."
        )
