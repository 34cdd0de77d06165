"""Initial weights, drawn by NumPy."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.replacing import replacing

# Where the initializers of Keras find the draws of the backend.
_initializers: Any = sys.modules[keras.initializers.RandomNormal.__module__]


def drawn_by_numpy() -> AbstractContextManager[None]:
    """Let the initializers of Keras draw by NumPy meanwhile.

    JAX compiles a program for each shape that it draws, 3.5 s for `modern_tcn`, with which each trial of a search
    began, in place of 0.2. Torch's draws on a CPU take two to nine times as long. Besides, a seed gives the same
    weights on each backend.
    """
    draws = {"normal": _normal, "truncated_normal": _truncated_normal, "uniform": _uniform}
    stand_in = SimpleNamespace(**{**vars(_initializers.random), **draws})
    return replacing([(_initializers, "random", stand_in)])


def _normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    return _tensor(_generator(seed, shape).standard_normal(shape, "float32") * stddev + mean, dtype)


def _truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    """Those beyond two deviations are drawn again."""
    generator = _generator(seed, shape)
    values = generator.standard_normal(shape, "float32")
    while (far := np.abs(values) > 2).any():
        values[far] = generator.standard_normal(np.count_nonzero(far), "float32")
    return _tensor(values * stddev + mean, dtype)


def _uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Any:
    return _tensor(_generator(seed, shape).random(shape, "float32") * (maxval - minval) + minval, dtype)


def _generator(seed: Any, shape: Sequence[int]) -> np.random.Generator:
    """By the shape besides the seed, since kernels of one seed would begin alike."""
    words = ops.convert_to_numpy(seed.next()) if isinstance(seed, keras.random.SeedGenerator) else [seed]
    return np.random.default_rng([*(int(word) % 2**64 for word in words), *shape])


def _tensor(values: np.ndarray, dtype: str | None) -> Any:
    return ops.convert_to_tensor(values, dtype or keras.config.floatx())
