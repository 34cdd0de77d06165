"""Lower rates where progress stops."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.schedules import Scaled
from kerashar.training.metrics import rank_epoch


class Plateau(keras.callbacks.Callback):
    """Multiplies the learning rate by a factor each time that `patience` epochs in a row were none the better.

    Use it with `create_schedule("plateau", ...)`; it lowers any other schedule too. What is better is told as by
    `Checkpoint`: a higher `val_macro_f1`, then a lower `val_loss`. The whole history is read again before each epoch,
    so that a resumed run has the rate of one that was never stopped. On JAX and TensorFlow a new rate compiles the
    training step again.

    Args:
        factor: above 0 and below 1.
        patience: epochs without a better one after which the rate falls, at least 1; counted anew after that.
        history: figures of the finished epochs, as `Checkpoint.history`, which grows by one each epoch.

    Raises:
        ValueError: a value out of its range; at the start of training, a learning rate that is no schedule.

    Example:
        >>> history = [{"val_macro_f1": 0.5, "val_loss": loss} for loss in (2.0, 1.0, 1.0, 1.5, 0.9)]
        >>> [Plateau(0.1, 2, history[:epochs]).reductions() for epochs in range(6)]
        [0, 0, 0, 0, 1, 1]
    """

    def __init__(self, factor: float, patience: int, history: Sequence[dict[str, float]]) -> None:
        super().__init__()
        if not 0 < factor < 1:
            raise ValueError(f"Expected factor to be above 0 and below 1. Received: factor={factor!r}.")
        if patience < 1:
            raise ValueError(f"Expected patience to be at least 1. Received: patience={patience!r}.")
        self.factor = factor
        self.patience = patience
        self.history = history

    def reductions(self) -> int:
        """How often the history so far lowers the rate."""
        reductions = waited = 0
        best = None
        for rank in map(rank_epoch, self.history):
            if best is None or rank > best:
                best, waited = rank, 0
                continue
            waited += 1
            if waited == self.patience:
                reductions, waited = reductions + 1, 0
        return reductions

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        optimizer = self.model.optimizer
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer = optimizer.inner_optimizer
        config = optimizer.get_config()["learning_rate"]
        if not isinstance(config, dict):
            raise ValueError(f"Expected a schedule for Plateau to lower. Received: learning_rate={config!r}.")
        schedule = keras.optimizers.schedules.deserialize(config)
        lowered = isinstance(schedule, Scaled)  # by an earlier fit of the same model
        self.schedule = schedule.schedule if lowered else schedule
        self.lowered = schedule.factor if lowered else 1.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        factor = self.factor ** self.reductions()
        if factor != self.lowered:
            self.model.optimizer.learning_rate = Scaled(self.schedule, factor)
            self.model.make_train_function(force=True)  # the compiled one holds the old rate
            self.lowered = factor
