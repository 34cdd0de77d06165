"""What optimizers with two moments of the gradients share."""

from typing import Any

import keras
from keras import ops


class MomentOptimizer(keras.optimizers.Optimizer):
    """Keeps a running mean of each weight's gradients, and one of their squares.

    Use it as the base of such optimizers: give `update_step`.

    Args:
        learning_rate: a number above 0 or a schedule.
        beta_1: how much of the mean each step keeps.
        beta_2: how much of the mean of squares each step keeps.
        epsilon: what keeps the root of the squares from 0.
        **kwargs: what every Keras optimizer takes.
    """

    def __init__(self, learning_rate: Any, beta_1: float, beta_2: float, epsilon: float, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables: list[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._means, self._squares = self.add_optimizer_variables(variables, ["mean", "square"])

    def _moments(self, index: int) -> tuple[Any, Any]:
        """The running mean and square of a weight."""
        # As tensors: arithmetic with Keras' variables takes ten times as long on torch.
        return ops.convert_to_tensor(self._means[index]), ops.convert_to_tensor(self._squares[index])

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
