"""What layers share that turn a window into features by many fixed dilated kernels."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import known_channels

TAPS = 9
_LIMIT = 15.0  # a normalised signal stays far below


class DilatedFeatures(keras.layers.Layer):
    """Window, reach and exact arithmetic of kernels of nine taps; `MiniRocketFeatures` and `HydraFeatures` add theirs.

    Use it as the base of a feature layer that compares convolutions with each other or with a bias: a comparison
    turns over at the smallest rounding error. `on_grid` therefore rounds the signal to a grid so coarse that sums of
    whole kernel weights have no rounding error in float32, in whatever order a backend adds them up.

    Args:
        seed: seed of all random choices.

    Input shape:
        `(batch, time, channels)`, normalised: the grid ends at 15 standard deviations.

    Output shape:
        `(batch, features)`.

    Raises:
        ValueError: on building, an unknown window length or number of channels, or a window of fewer than 9 samples.
    """

    def __init__(self, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def span(self) -> int:
        """Samples from the first tap to the last of the longest kernel, both counted; known once built."""
        return (TAPS - 1) * max(self.dilations) + 1

    @property
    def strides(self) -> int:
        """Step between outputs of a convolution, in samples."""
        return 1

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}

    def _known_window(self, input_shape: tuple[int | None, ...]) -> tuple[int, int]:
        time, channels = input_shape[1], known_channels(input_shape)
        if time is None or time < TAPS:
            raise ValueError(
                f"Expected a known window length of at least {TAPS} samples, from which the dilations follow. "
                f"Received: input_shape={tuple(input_shape)}."
            )
        return time, channels

    def _add_choice(self, name: str, choice: Any) -> Any:
        """A weight for random whole numbers, so that a file brings its own and no later NumPy draws others."""
        values = keras.initializers.Constant(choice)
        return self.add_weight(shape=choice.shape, initializer=values, dtype="int32", trainable=False, name=name)


def on_grid(signal: Any, steps: int) -> Any:
    """Round a signal to multiples of `1 / steps`, in float32; what lies beyond the grid goes to its end."""
    signal = ops.clip(ops.cast(signal, "float32"), -_LIMIT, _LIMIT)
    return ops.round(signal * steps) / steps
