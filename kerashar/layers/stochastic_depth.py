"""Stochastic depth."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_share
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class StochasticDepth(QuickLayer):
    """Drops the whole residual branch of a random share of the samples during training.

    Use it just before a residual branch is added to its shortcut. Samples that keep their branch have it scaled by
    `1 / (1 - rate)`, so the mean stays the same; at inference nothing changes.

    Args:
        rate: share of samples that lose the branch, in [0, 1).
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: the residual branch.
        training: whether to drop.

    Input shape:
        `(batch, ...)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a rate outside [0, 1).

    Example:
        >>> import numpy as np
        >>> float(StochasticDepth(0.5)(np.ones((4, 8, 2), "float32"))[0, 0, 0])
        1.0

    Reference:
        Huang et al., "Deep Networks with Stochastic Depth", 2016; drawn for each sample as in timm's `DropPath`.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_share(rate=rate)
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        one_per_sample = (ops.shape(inputs)[0],) + (1,) * (len(inputs.shape) - 1)
        draw = keras.random.uniform(one_per_sample, seed=self.seed_generator, dtype=self.compute_dtype)
        kept = ops.cast(draw >= self.rate, self.compute_dtype)
        return inputs * (kept / (1 - self.rate))

    def stream(self, program: Any, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
