"""A training that leaves no trace."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend


class Rehearsal:
    """A copy of a model that is trained for a few steps, and starts again as often as one likes.

    Use it to try something on a model: its weights, its optimizer and the random state stay as they are, and two
    trainings from a restart with the same batches are the same.

    Args:
        model: built, with the weights and the state of dropout that the copy starts from.
        optimizer: a new one.
        loss: of targets and outputs.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
        >>> rehearsal = Rehearsal(model, keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError())
        >>> first = rehearsal.step(np.ones((4, 2)), np.ones((4, 1)))
        >>> rehearsal.step(np.ones((4, 2)), np.ones((4, 1))) < first
        True
    """

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: keras.losses.Loss) -> None:
        with backend.kept_random_state():
            self.copy: Any = keras.models.clone_model(model)
            for ours, theirs in zip(self.copy.variables, model.variables, strict=True):
                ours.assign(_copied(theirs))  # JAX would give the steps the model's own array to write into
                ours.trainable = theirs.trainable
            self.copy.compile(optimizer=optimizer, loss=loss, jit_compile=backend.jit_compile())
            optimizer.build(self.copy.trainable_variables)
        self.variables = [*self.copy.variables, *optimizer.variables]
        self.start = [_copied(variable) for variable in self.variables]

    def restart(self) -> None:
        """Go back to where the copy began."""
        for variable, value in zip(self.variables, self.start, strict=True):
            variable.assign(value)

    def step(self, windows: np.ndarray, targets: np.ndarray) -> float:
        """Train on one batch, and return its loss in training mode from before the step."""
        with backend.kept_random_state():
            self.copy.reset_metrics()
            return float(self.copy.train_on_batch(windows, targets))


def _copied(variable: Any) -> np.ndarray:
    return ops.convert_to_numpy(variable).copy()
