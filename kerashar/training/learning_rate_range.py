"""The learning-rate range test."""

import math

import keras
import numpy as np

from kerashar.training.learning_rate_curve import LearningRateCurve
from kerashar.training.rehearsal import Rehearsal

SMOOTHING = 0.9  # of the running mean: about the last ten steps
DIVERGED = 4.0  # times the lowest running mean
BELOW = 10.0  # times below the turning point lies the suggestion


def learning_rate_test(
    model: keras.Model,
    windows: np.ndarray,
    targets: np.ndarray,
    optimizer: keras.optimizers.Optimizer,
    loss: keras.losses.Loss,
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 100,
    batch_size: int = 64,
    seed: int = 0,
) -> LearningRateCurve:
    """Train a copy of a model while its learning rate rises exponentially, until the loss runs away.

    Use it to choose the highest rate of a schedule; pictures come from the curve's `draw`. The model and its random
    state stay as they are.

    Args:
        model: built, with its normalisation fitted.
        windows: training windows, `(n, ...)` as the model takes them.
        targets: `(n, ...)`, as the loss takes them.
        optimizer: a new one, whose learning rate is a number and no schedule.
        loss: of targets and the model's outputs.
        lowest: first learning rate. Defaults to 1e-6.
        highest: last learning rate. Defaults to 1.
        steps: from the one to the other. Defaults to 100.
        batch_size: windows in one step. Defaults to 64.
        seed: of the order of the windows. Defaults to 0.

    Returns:
        The curve. Its suggestion is a tenth of the rate with the lowest running mean of the loss.

    Raises:
        ValueError: rates that don't rise from above 0, fewer than 2 steps, no windows, or an optimizer with a schedule.

    Example:
        >>> inputs = np.random.default_rng(0).normal(size=(64, 2))
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> curve = learning_rate_test(
        ...     model, inputs, np.zeros((64, 1)), keras.optimizers.SGD(), keras.losses.MeanSquaredError(), highest=10.0
        ... )
        >>> curve.diverged, 0.1 < curve.suggestion < 1
        (True, True)

    Reference:
        Smith, "Cyclical Learning Rates for Training Neural Networks", 2017. There the rate rises linearly and the
        range is read from a plot of the accuracy; here it rises exponentially and the loss decides.
    """
    if not 0 < lowest < highest or steps < 2 or not len(windows):
        raise ValueError(
            "Expected 0 < lowest < highest, at least 2 steps and at least one window. "
            f"Received: lowest={lowest}, highest={highest}, steps={steps}, windows={len(windows)}."
        )
    if isinstance(optimizer.get_config()["learning_rate"], dict):
        raise ValueError("Expected an optimizer whose learning rate is a number. Received: one with a schedule.")
    rehearsal = Rehearsal(model, optimizer, loss)
    generator = np.random.default_rng(seed)
    rows = np.concatenate([generator.permutation(len(windows)) for _ in range(-(-steps * batch_size // len(windows)))])
    rates, losses, smoothed, mean, diverged = [], [], [], 0.0, False
    for step, rate in enumerate(np.geomspace(lowest, highest, steps).tolist()):
        batch = rows[step * batch_size : (step + 1) * batch_size]
        optimizer.learning_rate = rate
        found = rehearsal.step(windows[batch], targets[batch])
        if not math.isfinite(found):
            diverged = True
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * found
        rates.append(rate)
        losses.append(found)
        smoothed.append(mean / (1 - SMOOTHING ** (step + 1)))
        if smoothed[-1] > DIVERGED * min(smoothed):
            diverged = True
            break
    if not losses:
        raise ValueError("Expected a finite loss at the start. Received: NaN or infinity.")
    turning = smoothed.index(min(smoothed))
    return LearningRateCurve(rates, losses, smoothed, diverged, rates[turning] / BELOW if turning else None)
