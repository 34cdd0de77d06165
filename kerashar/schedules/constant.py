"""A rate that stays."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class Constant(keras.optimizers.schedules.LearningRateSchedule):
    """The same learning rate at each step.

    Use it behind a `Warmup`, and with the callback `Plateau`.

    Args:
        learning_rate: the rate.

    Example:
        >>> float(Constant(0.5)(100))
        0.5
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def __call__(self, step: Any) -> Any:
        return ops.convert_to_tensor(self.learning_rate, "float32")

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate}
