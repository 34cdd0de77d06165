"""ADOPT."""

from typing import Any

import keras
from keras import ops

from kerashar.optimizers.moment_optimizer import MomentOptimizer


@keras.saving.register_keras_serializable(package="kerashar")
class ADOPT(MomentOptimizer):
    """Adam that divides a gradient by the second moment of those before it, and averages after that.

    Use it for Adam that converges whatever `beta_2` is. The first step only measures: it moves no weight.

    Args:
        learning_rate: a number above 0 or a schedule. Defaults to 0.001.
        beta_1: how much of the divided gradients' mean each step keeps. Defaults to 0.9.
        beta_2: how much of the squared gradients' mean each step keeps. Defaults to 0.9999.
        epsilon: smallest root of the second moment. Defaults to 1e-6.
        **kwargs: what every Keras optimizer takes, such as `weight_decay`, which is decoupled.

    Example:
        >>> ADOPT(0.01).get_config()["beta_2"]
        0.9999

    Reference:
        Taniguchi et al., "ADOPT: Modified Adam Can Converge with Any beta_2 with the Optimal Rate", 2024, with the
        clipping of its second version: update t, counted from 1 after the first step, is kept within t^0.25.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.9999,
        epsilon: float = 1e-6,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        updates = ops.cast(self.iterations, variable.dtype)
        index = self._get_variable_index(variable)
        mean, square = self._moments(index)
        bound = updates**0.25  # 0 at the first step: nothing moves
        divided = ops.clip(gradient / ops.maximum(ops.sqrt(square), self.epsilon), -bound, bound)
        mean = mean + (divided - mean) * (1 - self.beta_1)
        share = ops.where(updates == 0, 1.0, 1 - self.beta_2)
        self.assign_sub(variable, learning_rate * mean)
        self.assign(self._means[index], mean)
        self.assign(self._squares[index], square + (gradient * gradient - square) * share)
