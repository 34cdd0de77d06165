"""Schedules by the names that recipes use."""

import inspect
from typing import TYPE_CHECKING, Any

from kerashar.names import unknown_name

if TYPE_CHECKING:
    import keras

_NAMES = (
    "constant",
    "cosine",
    "cosine_restarts",
    "cyclic",
    "exponential",
    "linear",
    "multi_step",
    "one_cycle",
    "plateau",
    "step",
)


def list_schedules() -> list[str]:
    """Names of the schedules, sorted."""
    return sorted(_NAMES)


def create_schedule(
    name: str, learning_rate: float, steps: int, *, warmup_steps: int = 0, **settings: Any
) -> "keras.optimizers.schedules.LearningRateSchedule":
    """Build a schedule for a run of `steps` steps: a linear warm-up from 0, then the named course.

    Use it for the learning rate of `create_optimizer`. What settings say of time is in shares of the steps after the
    warm-up, and of rates in shares of `learning_rate`, so that they fit a run of any length.

    - `"constant"`: `learning_rate`.
    - `"plateau"`: the same, for the callback `Plateau` to lower.
    - `"step"`: times `factor=0.1` after each `every=1/3`.
    - `"multi_step"`: times `factor=0.1` at each of `at=(0.5, 0.75)`.
    - `"exponential"`, `"linear"`, `"cosine"`: down to `final` at the end; 0.01, 0 and 0.
    - `"cosine_restarts"`: `cycles=4` cosines from the top down to `final=0`, each `growth=1` times as long and its top
      `factor=1` times as high as that before it.
    - `"cyclic"`: `cycles=4` times up from `lowest=0.1` and down, each time `factor=1` times as high.
    - `"one_cycle"`: from `start=0.04` up over `rise=0.3` and down to `final=4e-6`, in cosines. Rates alone: the
      paper's counter-movement of momentum is left out.

    Args:
        name: a name from `list_schedules()`.
        learning_rate: highest rate, above 0.
        steps: batches in the whole run, warm-up included, at least 1.
        warmup_steps: batches over which the rate rises from 0 to where the course begins; fewer than `steps`.
        **settings: as above.

    Raises:
        ValueError: an unknown name or setting (the nearest right one is named), a value out of its range, or a warm-up
            that leaves nothing of the run.

    Example:
        >>> schedule = create_schedule("linear", 0.1, 110, warmup_steps=10)
        >>> [round(float(schedule(step)), 3) for step in (0, 5, 10, 60, 110)]
        [0.0, 0.05, 0.1, 0.05, 0.0]

    Reference:
        Loshchilov and Hutter, "SGDR", 2017 (cosines); Smith, "Cyclical Learning Rates for Training Neural Networks",
        2017, whose triangular2 is `factor=0.5` and whose exponential range is left out; Smith and Topin,
        "Super-Convergence", 2018 (one cycle), in PyTorch's two phases.
    """
    if name not in _NAMES:
        raise unknown_name("schedule", name, _NAMES)
    if not learning_rate > 0:
        raise ValueError(f"Expected learning_rate to be above 0. Received: learning_rate={learning_rate!r}.")
    if not 0 <= warmup_steps < steps:
        raise ValueError(
            "Expected at least 1 step, and at least 0 and fewer of warm-up. "
            f"Received: steps={steps!r}, warmup_steps={warmup_steps!r}."
        )
    from kerashar.schedules import courses  # needs Keras
    from kerashar.schedules.warmup import Warmup

    course = getattr(courses, name)
    known = set(inspect.signature(course).parameters) - {"learning_rate", "steps"}
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of {name}", setting, known)
    after = course(float(learning_rate), steps - warmup_steps, **settings)
    return Warmup(after, warmup_steps) if warmup_steps else after
