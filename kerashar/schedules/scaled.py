"""A schedule times a factor."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="kerashar")
class Scaled(keras.optimizers.schedules.LearningRateSchedule):
    """The rates of another schedule times a factor.

    Use it to lower a schedule as a whole, as the callback `Plateau` does.

    Args:
        schedule: the other one.
        factor: what its rates are multiplied by.

    Example:
        >>> from kerashar.schedules import Constant
        >>> float(Scaled(Constant(0.5), 0.5)(0))
        0.25
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule, factor: float) -> None:
        self.schedule = schedule
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        return self.schedule(step) * self.factor

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule), "factor": self.factor}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Scaled":
        return cls(**{**config, "schedule": keras.optimizers.schedules.deserialize(config["schedule"])})
