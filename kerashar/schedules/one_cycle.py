"""One cycle."""

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that rises once and falls far below where it began, both in a half wave of the cosine.

    Use it for short runs at high rates.

    Args:
        learning_rate: rate at the peak.
        steps: steps of the run; after them the rate stays.
        rise: share of the steps up to the peak, above 0 and below 1. Defaults to 0.3.
        start: rate at step 0, as a share of `learning_rate`, from 0 to 1. Defaults to 0.04.
        final: rate at the last step, as a share of `learning_rate`, from 0 to 1. Defaults to 4e-6.

    Raises:
        ValueError: a value out of its range, or too few steps for a rise of more than one.

    Example:
        >>> schedule = OneCycle(1.0, 10)
        >>> [round(float(schedule(step)), 3) for step in (0, 1, 2, 9)]
        [0.04, 0.52, 1.0, 0.0]

    Reference:
        Smith and Topin, "Super-Convergence", 2018, as PyTorch's `OneCycleLR` in two phases, whose peak is at step
        `rise * steps - 1`. Momentum stays as it is: there it moves against the rate.
    """

    def __init__(
        self, learning_rate: float, steps: int, rise: float = 0.3, start: float = 0.04, final: float = 4e-6
    ) -> None:
        if not 0 < rise < 1:
            raise ValueError(f"Expected rise to be above 0 and below 1. Received: rise={rise!r}.")
        if not rise * steps > 1:
            raise ValueError(
                f"Expected more than {math.floor(1 / rise)} steps for a rise over {rise:g} of them. "
                f"Received: steps={steps!r}."
            )
        for name, value in (("start", start), ("final", final)):
            if not 0 <= value <= 1:
                raise ValueError(f"Expected {name} to be from 0 to 1. Received: {name}={value!r}.")
        self.learning_rate = learning_rate
        self.steps = steps
        self.rise = rise
        self.start = start
        self.final = final

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        peak = self.rise * self.steps - 1
        rising = _half_wave(self.start, 1.0, step / peak)
        falling = _half_wave(1.0, self.final, ops.minimum((step - peak) / (self.steps - 1 - peak), 1.0))
        return self.learning_rate * ops.where(step <= peak, rising, falling)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "steps": self.steps,
            "rise": self.rise,
            "start": self.start,
            "final": self.final,
        }


def _half_wave(first: float, last: float, share: Any) -> Any:
    return last + (first - last) / 2 * (1 + ops.cos(math.pi * share))
