"""Linear warm-up."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise from 0 to where another schedule begins, and then that schedule.

    Use it in front of a schedule that has no warm-up of its own. The first update has rate 0.

    Args:
        schedule: what follows; its step 0 is the end of the warm-up.
        warmup_steps: length of the rise, at least 1.

    Raises:
        ValueError: a warm-up of less than one step.

    Example:
        >>> from kerashar.schedules import Constant
        >>> [float(Warmup(Constant(0.5), 2)(step)) for step in range(4)]
        [0.0, 0.25, 0.5, 0.5]

    Reference:
        Goyal et al., "Accurate, Large Minibatch SGD", 2017.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule, warmup_steps: int) -> None:
        if warmup_steps < 1:
            raise ValueError(f"Expected warmup_steps to be at least 1. Received: warmup_steps={warmup_steps!r}.")
        self.schedule = schedule
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        risen = ops.minimum(step / self.warmup_steps, 1.0)
        return self.schedule(ops.maximum(step - self.warmup_steps, 0.0)) * risen

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule), "warmup_steps": self.warmup_steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Warmup":
        return cls(**{**config, "schedule": keras.optimizers.schedules.deserialize(config["schedule"])})
