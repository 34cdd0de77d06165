"""Dropout."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.layers.checks import check_share
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class Dropout(QuickLayer):
    """Drops a random share of the values during training.

    Use it in place of `keras.layers.Dropout` where values are many: it spends 16 random bits on each, a few times
    faster on a CPU, and its `seed` gives the same draws again on torch too, where Keras' layer ignores it. Values
    that stay are scaled up, so the mean stays the same; at inference nothing changes.

    Args:
        rate: share of values that are dropped, in [0, 1), kept to the nearest 1/65536.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: any tensor of floats.
        training: whether to drop.

    Input shape:
        Any.

    Output shape:
        As the input.

    Raises:
        ValueError: a rate outside [0, 1).

    Example:
        >>> import numpy as np
        >>> sorted(set(np.array(Dropout(0.5, seed=1)(np.ones((4, 8), "float32"), training=True)).ravel().tolist()))
        [0.0, 2.0]

    Reference:
        Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014. Theirs scales at
        inference.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_share(rate=rate)
        self.rate = rate
        self.seed = seed
        self.supports_masking = True
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        threshold = round(self.rate * 65536)
        if not training or threshold == 0:
            return inputs
        kept = backend.random_bits(inputs, self.seed_generator) >= threshold - 32768
        return inputs * (ops.cast(kept, inputs.dtype) * (1 / (1 - threshold / 65536)))

    def stream(self, program: Any, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
