"""Rectified Adam."""

import math
from typing import Any

import keras
from keras import ops

from kerashar.optimizers.moment_optimizer import MomentOptimizer

_STEADY = 5.0  # averaged steps from which on the second moment is trusted


@keras.saving.register_keras_serializable(package="kerashar")
class RAdam(MomentOptimizer):
    """Adam that takes plain momentum steps until its second moment has seen enough, and then grows into its own.

    Use it where a warm-up is one setting too many: it warms up by itself.

    Args:
        learning_rate: a number above 0 or a schedule. Defaults to 0.001.
        beta_1: how much of the gradients' mean each step keeps. Defaults to 0.9.
        beta_2: how much of the squared gradients' mean each step keeps. Defaults to 0.999.
        epsilon: added to the root of the second moment. Defaults to 1e-8.
        **kwargs: what every Keras optimizer takes, such as `weight_decay`, which is decoupled.

    Example:
        >>> RAdam(0.01).get_config()["beta_2"]
        0.999

    Reference:
        Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020. As PyTorch's, rectified from an
        average over more than 5 steps on, where the paper has 4.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        step = ops.cast(self.iterations + 1, variable.dtype)
        index = self._get_variable_index(variable)
        mean, square = self._moments(index)
        mean = mean + (gradient - mean) * (1 - self.beta_1)
        square = square + (gradient * gradient - square) * (1 - self.beta_2)
        adapted = ops.sqrt(_grown(self.beta_2, step)) / (ops.sqrt(square) + self.epsilon)
        steps, most = self._averaged_steps(step)
        known = ops.maximum(steps, _STEADY)
        rectified = ops.sqrt((known - 4) * (known - 2) / known * (most / ((most - 4) * (most - 2))))
        rate = learning_rate / _grown(self.beta_1, step)
        self.assign_sub(variable, rate * mean * ops.where(steps > _STEADY, rectified * adapted, 1.0))
        self.assign(self._means[index], mean)
        self.assign(self._squares[index], square)

    def _averaged_steps(self, step: Any) -> tuple[Any, float]:
        """How many steps the second moment averages over, now and in the end: the paper's rho.

        The paper's `rho - 2 t beta^t / (1 - beta^t)` loses a tenth to rounding in the first steps of float32. With
        `beta = exp(-2 a)` it is `t + (g(a) - g(a t)) / a`, where `g(x) = x coth(x) - 1` starts as x^2 / 3.
        """
        rate = -math.log(self.beta_2) / 2
        return step + (_coth_excess(rate) - _coth_excess(rate * step)) / rate, 2 / (1 - self.beta_2) - 1


def _grown(beta: float, step: Any) -> Any:
    """`1 - beta^step` without the rounding of a difference of near numbers."""
    return -ops.expm1(step * math.log(beta))


def _coth_excess(x: Any) -> Any:
    series = x**2 / 3 - x**4 / 45 + 2 * x**6 / 945 - x**8 / 4725
    if isinstance(x, float):
        return series if x < 0.3 else x / math.tanh(x) - 1
    return ops.where(x < 0.3, series, x / ops.tanh(x) - 1)
