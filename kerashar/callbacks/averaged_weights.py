"""The moving average of a model's weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Let a model have the moving average of its weights for a while, if its optimizer keeps one.

    Use it to measure or keep the averages during a training. Its own weights come back bit by bit, which they don't
    with `keras.callbacks.SwapEMAWeights` on TensorFlow.
    """
    optimizer: Any = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimizer.use_ema:
        yield
        return
    variables = optimizer._trainable_variables
    own = [variable.numpy() for variable in variables]
    _assign(variables, [average.numpy() for average in optimizer._model_variables_moving_average])
    try:
        yield
    finally:
        _assign(variables, own)


def _assign(variables: list[Any], values: list[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
