"""SOAP."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kerashar.optimizers.moment_optimizer import MomentOptimizer


@keras.saving.register_keras_serializable(package="kerashar")
class SOAP(MomentOptimizer):
    """Adam in the axes in which a kernel's gradients vary independently, Shampoo's eigenvectors.

    Use it for fewer steps at more time and memory each: every axis of n has two matrices `(n, n)`, and every
    `precondition_frequency` steps a QR decomposition (5 ms for 128, 0.2 s for 1024 on one CPU core).

    Each axis of a kernel is treated by itself, those of a convolution `(taps, channels, filters)` too: none are
    merged. Vectors, axes of 1 and axes above `max_precondition_dim` stay as they are, as in Adam. The first step only
    measures: it moves no weight but by decay.

    Args:
        learning_rate: a number above 0 or a schedule. Defaults to 0.003.
        beta_1: how much of the gradients' mean each step keeps. Defaults to 0.95.
        beta_2: how much of the squared gradients' mean each step keeps. Defaults to 0.95.
        shampoo_beta: how much of the gradients' covariances each step keeps. Defaults to 0.95.
        precondition_frequency: steps between two updates of the eigenvectors. Defaults to 10.
        max_precondition_dim: longest axis with eigenvectors. Defaults to 1024, where the paper's code has 10000.
        epsilon: added to the root of the second moment. Defaults to 1e-8.
        **kwargs: what every Keras optimizer takes, such as `weight_decay`, which is decoupled.

    Raises:
        ValueError: a frequency or a length below 1.

    Example:
        >>> SOAP(0.003).get_config()["precondition_frequency"]
        10

    Reference:
        Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024: eigenvectors once, then one step of
        power iteration and QR at a time. Weights decay before the update as in Keras, not after it.
    """

    def __init__(
        self,
        learning_rate: Any = 0.003,
        beta_1: float = 0.95,
        beta_2: float = 0.95,
        shampoo_beta: float = 0.95,
        precondition_frequency: int = 10,
        max_precondition_dim: int = 1024,
        epsilon: float = 1e-8,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)
        for name, value in [
            ("precondition_frequency", precondition_frequency),
            ("max_precondition_dim", max_precondition_dim),
        ]:
            if value < 1:
                raise ValueError(f"Expected {name} to be at least 1. Received: {name}={value!r}.")
        self.shampoo_beta = shampoo_beta
        self.precondition_frequency = precondition_frequency
        self.max_precondition_dim = max_precondition_dim

    def build(self, variables: list[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._covariances = [self._matrices(variable, "covariance") for variable in variables]
        self._bases = [self._matrices(variable, "basis") for variable in variables]

    def _matrices(self, variable: keras.Variable, name: str) -> list[keras.Variable | None]:
        """A matrix for each axis that has eigenvectors, and None for each other."""
        prefix = variable.path.replace("/", "_")
        return [
            self.add_variable((size, size), name=f"{prefix}_{name}_{axis}")
            if len(variable.shape) > 1 and 1 < size <= self.max_precondition_dim
            else None
            for axis, size in enumerate(variable.shape)
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        updates = ops.cast(self.iterations, variable.dtype)
        index = self._get_variable_index(variable)
        mean, square = self._moments(index)
        covariances, bases = _by_axis(self._covariances[index]), _by_axis(self._bases[index])

        started = ops.minimum(updates, 1.0)  # 0 at the first step: nothing moves
        turned = _turned(gradient, bases)
        mean = mean + (gradient - mean) * (started * (1 - self.beta_1))
        square = square + (turned * turned - square) * (started * (1 - self.beta_2))
        count = ops.maximum(updates, 1.0)
        rate = learning_rate * started * ops.sqrt(1 - self.beta_2**count) / (1 - self.beta_1**count)
        adam = _turned(mean, bases) / (ops.sqrt(square) + self.epsilon)
        self.assign_sub(variable, rate * _turned(adam, bases, back=True))

        for axis, covariance in covariances.items():
            others = [other for other in range(len(gradient.shape)) if other != axis]
            product = ops.tensordot(gradient, gradient, axes=(others, others))
            covariances[axis] = covariance + (product - covariance) * (1 - self.shampoo_beta)
        if bases:
            square, bases = self._updated_bases(square, covariances, bases)
        self.assign(self._means[index], mean)
        self.assign(self._squares[index], square)
        for axis, basis in bases.items():
            self.assign(self._covariances[index][axis], covariances[axis])
            self.assign(self._bases[index][axis], basis)

    def _updated_bases(
        self, square: Any, covariances: Mapping[int, Any], bases: Mapping[int, Any]
    ) -> tuple[Any, dict[int, Any]]:
        """The eigenvectors when they are due, and the second moment in their order."""
        # Values go in and out of the branches: under JAX nothing may be assigned inside.

        def first() -> list[Any]:
            # Eigenvalues come in ascending order.
            return [square, *(ops.flip(ops.eigh(matrix)[1], axis=1) for matrix in covariances.values())]

        def next_iteration() -> list[Any]:
            in_order, turned = square, []
            for axis, basis in bases.items():
                product = ops.matmul(covariances[axis], basis)
                order = ops.argsort(-ops.sum(basis * product, axis=0))
                in_order = ops.take(in_order, order, axis=axis)
                turned.append(ops.qr(ops.take(product, order, axis=1))[0])
            return [in_order, *turned]

        due = self.iterations % self.precondition_frequency == 0
        square, *updated = ops.cond(
            self.iterations == 0, first, lambda: ops.cond(due, next_iteration, lambda: [square, *bases.values()])
        )
        return square, dict(zip(bases, updated, strict=True))

    def get_config(self) -> dict[str, Any]:
        own = {
            "shampoo_beta": self.shampoo_beta,
            "precondition_frequency": self.precondition_frequency,
            "max_precondition_dim": self.max_precondition_dim,
        }
        return {**super().get_config(), **own}


def _by_axis(matrices: list[Any]) -> dict[int, Any]:
    return {axis: ops.convert_to_tensor(matrix) for axis, matrix in enumerate(matrices) if matrix is not None}


def _turned(tensor: Any, bases: Mapping[int, Any], back: bool = False) -> Any:
    """The tensor in other axes, from the bases of some of its own; `back` undoes it."""
    for axis, basis in bases.items():
        tensor = ops.moveaxis(ops.tensordot(tensor, basis, axes=([axis], [1 if back else 0])), -1, axis)
    return tensor
