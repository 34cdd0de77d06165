"""Learned scale of each channel."""

from typing import Any

import keras

from kerashar.layers.checks import known_channels
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class LayerScale(QuickLayer):
    """Multiplies each channel by a number that is learned.

    Use it at the end of a residual branch, where a small start lets a deep network begin as the identity, or on the
    shortcut, with a start of 1.

    Args:
        start: value that each number starts from. Defaults to 1e-6.

    Call arguments:
        inputs: any tensor with channels last.

    Input shape:
        `(batch, ..., channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: unknown channels.

    Example:
        >>> import numpy as np
        >>> float(keras.ops.convert_to_numpy(LayerScale(0.5)(np.ones((2, 8, 8, 4), "float32")))[0, 0, 0, 0])
        0.5

    Reference:
        Touvron et al., "Going Deeper with Image Transformers", 2021.
    """

    def __init__(self, start: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        initializer = keras.initializers.Constant(self.start)
        self.gamma = self.add_weight(shape=(known_channels(input_shape),), initializer=initializer, name="gamma")

    def call(self, inputs: Any) -> Any:
        return inputs * self.gamma

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start}
