"""Which samples of a window are blanked."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws


class SpanMask(keras.layers.Layer):
    """Draws spans of time steps for each window; in training and outside of it.

    Args:
        share: of the samples that are blanked on average, above 0 and below 1. Spans may touch and overlap.
        length: samples in one span.
        seed: of the draws.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, time, 1)`: 1 where a sample is blanked, else 0.
    """

    def __init__(self, share: float, length: int, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share
        self.length = length
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any) -> Any:
        # A sample stays where none of the `length` spans that could cover it begins.
        begins = 1 - (1 - self.share) ** (1 / self.length)
        draws = Draws(ops.shape(inputs)[0], self.seed_generator)
        drawn = draws.uniform(inputs.shape[1] + self.length - 1, 1) < begins
        return ops.max_pool(ops.cast(drawn, "float32"), self.length, strides=1, padding="valid")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], 1)
