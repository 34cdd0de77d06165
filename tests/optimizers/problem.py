"""A small network with a kernel of each kind, its gradients in NumPy, and optimizers run on them as `fit` runs them."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

_random = np.random.default_rng(0)
_PATCHES = np.lib.stride_tricks.sliding_window_view(_random.normal(size=(16, 8, 2)), 3, axis=1)
INPUTS = np.moveaxis(_PATCHES, -1, 2).reshape(16, 6, 6)  # (batch, time, taps * channels)
TARGETS = _random.normal(size=(16, 3))
# A convolution (taps, channels, filters), a matrix, and a vector.
START = {
    "convolution/kernel": _random.normal(size=(3, 2, 4)) / 2,
    "hidden/kernel": _random.normal(size=(4, 3)) / 2,
    "hidden/bias": _random.normal(size=3) / 2,
}


EAGER = keras.backend.backend() == "torch"  # elsewhere each optimizer takes seconds to compile


def gradients(weights: Sequence[np.ndarray], step: int) -> list[np.ndarray]:
    """Gradients of the squared error of mean(tanh(inputs * kernel)) @ matrix + vector, over half of the samples.

    No cross-entropy, whose gradients have no component along (1, 1, 1), and another half at each step: SOAP would
    divide rounding by rounding where gradients only ever span a part of the space.
    """
    batch = np.random.default_rng(step).permutation(len(INPUTS))[:8]
    inputs, targets = INPUTS[batch], TARGETS[batch]
    kernel, matrix, vector = (np.asarray(each, "float64") for each in weights)
    activations = np.tanh(inputs @ kernel.reshape(6, 4))
    pooled = activations.mean(axis=1)
    error = (pooled @ matrix + vector - targets) / len(targets)
    inner = (error @ matrix.T)[:, None] / 6 * (1 - activations**2)
    of_kernel = np.einsum("bti,bto->io", inputs, inner).reshape(3, 2, 4)
    return [each.astype("float32") for each in (of_kernel, pooled.T @ error, error.sum(axis=0))]


def make_variables() -> list[keras.Variable]:
    """The network's weights, with the paths they would have in a model."""
    variables = []
    for path, value in START.items():
        layer, name = path.split("/")
        with keras.name_scope(layer):
            variables.append(keras.Variable(value, name=name, dtype="float32"))
    return variables


def values(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def make_step(optimizer: keras.optimizers.Optimizer, variables: list[keras.Variable]) -> Callable[[list[Any]], None]:
    """One step of an optimizer, compiled where the backend compiles."""
    optimizer.build(variables)
    if keras.backend.backend() == "jax":
        import jax

        apply = jax.jit(optimizer.stateless_apply)

        def step(grads: list[Any]) -> None:
            state = [variable.value for variable in optimizer.variables]
            weights, state = apply(state, grads, [variable.value for variable in variables])
            for variable, value in zip([*variables, *optimizer.variables], [*weights, *state], strict=True):
                variable.assign(value)

        return step
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled = tf.function(lambda grads: optimizer.apply(grads, variables))
        return lambda grads: compiled([tf.constant(grad) for grad in grads])
    return lambda grads: optimizer.apply([keras.ops.convert_to_tensor(grad) for grad in grads], variables)


def train(optimizer: keras.optimizers.Optimizer, steps: int) -> list[np.ndarray]:
    """The weights after so many steps down the network's own gradients."""
    variables = make_variables()
    step = make_step(optimizer, variables)
    for number in range(steps):
        step(gradients(values(variables), number))
    return values(variables)


def train_in_torch(make: Callable[[list[Any]], Any], steps: int) -> list[np.ndarray]:
    """The same by an optimizer of PyTorch."""
    import torch

    weights = [torch.nn.Parameter(torch.tensor(value, dtype=torch.float32)) for value in START.values()]
    optimizer = make(weights)
    for number in range(steps):
        found = gradients([each.detach().numpy() for each in weights], number)
        for weight, gradient in zip(weights, found, strict=True):
            weight.grad = torch.from_numpy(gradient)
        optimizer.step()
    return [weight.detach().numpy() for weight in weights]
