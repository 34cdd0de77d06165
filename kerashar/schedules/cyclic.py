"""Cyclical rates."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class Cyclic(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that goes up and down in straight lines, again and again.

    Use it where the best rate isn't known: each cycle passes through it twice.

    Args:
        learning_rate: rate at the first peak.
        cycle_steps: steps from one low to the next, above 0.
        lowest: rate at the lows, as a share of `learning_rate`, from 0 to 1. Defaults to 0.1.
        factor: height of a peak over the lows, as a share of that before it, from 0 to 1. Defaults to 1.

    Raises:
        ValueError: a value out of its range.

    Example:
        >>> [round(float(Cyclic(1.0, 4, lowest=0.5)(step)), 2) for step in range(6)]
        [0.5, 0.75, 1.0, 0.75, 0.5, 0.75]

    Reference:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017: `factor=1` is its triangular policy, 0.5
        its triangular2.
    """

    def __init__(self, learning_rate: float, cycle_steps: float, lowest: float = 0.1, factor: float = 1.0) -> None:
        if not cycle_steps > 0:
            raise ValueError(f"Expected cycle_steps to be above 0. Received: cycle_steps={cycle_steps!r}.")
        for name, value in (("lowest", lowest), ("factor", factor)):
            if not 0 <= value <= 1:
                raise ValueError(f"Expected {name} to be from 0 to 1. Received: {name}={value!r}.")
        self.learning_rate = learning_rate
        self.cycle_steps = cycle_steps
        self.lowest = lowest
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        cycles = ops.cast(step, "float32") / self.cycle_steps
        cycle = ops.floor(cycles)
        height = 1 - ops.abs(2 * (cycles - cycle) - 1)  # 0 at the lows, 1 at the peak
        peak = ops.power(ops.convert_to_tensor(self.factor, "float32"), cycle)
        return self.learning_rate * (self.lowest + (1 - self.lowest) * height * peak)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "cycle_steps": self.cycle_steps,
            "lowest": self.lowest,
            "factor": self.factor,
        }
