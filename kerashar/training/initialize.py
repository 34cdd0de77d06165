"""First weights by another rule than a model's own."""

from typing import Any

import keras
import numpy as np

from kerashar.layers import WeightNormalizedConv1D

# Their kernels stand for several maps at once, so that the fans can't be read off the shape.
_SKIPPED = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell, keras.layers.EinsumDense)
_DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)


def initialize(model: keras.Model, rule: str, seed: int) -> None:
    """Draw the kernels of a model's Dense layers and convolutions anew, the same on every backend.

    Kernels of zeros and identities are left alone, since a model begins with them on purpose; so are recurrent
    layers and attention.

    Args:
        model: built.
        rule: `"he"`: normal with variance 2 / fan-in; `"xavier"`: with 2 / (fan-in + fan-out).
        seed: of the draws.

    Reference:
        He et al., "Delving Deep into Rectifiers", 2015. Glorot and Bengio, "Understanding the Difficulty of Training
        Deep Feedforward Neural Networks", 2010; theirs is uniform, with the same variance.
    """
    generator = np.random.default_rng(seed)
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, _SKIPPED):
            continue
        for variable in layer._trainable_variables:
            if variable.name.startswith(("kernel", "direction")) and not _is_deliberate(variable.numpy()):
                deviation = _deviation(variable.shape, rule, isinstance(layer, _DEPTHWISE))
                variable.assign(deviation * generator.normal(size=variable.shape))
        if isinstance(layer, WeightNormalizedConv1D):
            layer.gain.assign(layer._direction_norm())  # so that the first kernel is the one drawn


def _deviation(shape: Any, rule: str, depthwise: bool) -> float:
    """The spread of a kernel `(..., inputs, outputs)`, or depthwise `(..., channels, multiplier)`."""
    *field, inputs, outputs = shape
    taps = int(np.prod(field))
    fan_in = taps * (1 if depthwise else inputs)
    fan_out = taps * outputs
    return float(np.sqrt(2 / fan_in if rule == "he" else 2 / (fan_in + fan_out)))


def _is_deliberate(kernel: np.ndarray) -> bool:
    matrix = kernel.reshape(-1, kernel.shape[-1])
    return not kernel.any() or np.array_equal(matrix, np.eye(*matrix.shape))
