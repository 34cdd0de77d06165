"""What all augmentations share."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.choosing import choose
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_shape, check_within


class Augmentation(keras.layers.Layer):
    """Changes a random share of the samples during training.

    Use it as the base of a new augmentation: give `change`, `dimensions`, and `check_input` for shapes that it refuses.
    It computes in float32, also under mixed precision, since physical units may not fit float16; its outputs have the
    policy's dtype, so give `dtype="float32"` where a normalisation or a feature follows.

    Args:
        rate: share of the samples that are changed, from 0 to 1; each sample is drawn on its own. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows or images of finite numbers.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)` or `(batch, height, width, channels)`, apart from the batch all known.

    Output shape:
        As the input.

    Raises:
        ValueError: a rate outside [0, 1], or a shape that the augmentation refuses.
    """

    dimensions = (1,)  # axes between batch and channels that it takes: 1 for signals, 2 for images

    def __init__(self, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        check_within(0, 1, rate=rate)
        self.rate = rate
        self.seed = seed
        self.supports_masking = True
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self.check_input(check_shape(self, input_shape))

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        """Refuse shapes of one window or image `(time, channels)` or `(height, width, channels)`."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training and self.rate > 0:
            values = ops.cast(inputs, "float32")
            draws = Draws(ops.shape(values)[0], self.seed_generator)
            if self.rate == 1:
                inputs = self.change(values, draws)
            else:
                inputs = self.change_chosen(values, draws.uniform() < self.rate, draws)
        return ops.cast(inputs, self.compute_dtype)

    def change(self, values: Any, draws: Draws) -> Any:
        """All samples changed, as a float32 tensor out of one, with a draw for each."""
        raise TypeError(f"Expected {type(self).__name__} to define change.")

    def change_chosen(self, values: Any, chosen: Any, draws: Draws) -> Any:
        """Some samples changed, those chosen `(batch,)`; give another where less than all of `change` does it."""
        return choose(chosen, self.change(values, draws), values)

    def stream(self, program: Any, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
