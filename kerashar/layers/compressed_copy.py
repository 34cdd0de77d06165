"""Small and large movements side by side."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="kerashar")
class CompressedCopy(keras.layers.Layer):
    """Adds a copy of each channel in which small values are enlarged, as mu-law does for sound.

    Use it after normalisation. The deviation of a channel is that of walking; the sway that tells standing from
    sitting is a hundredth of it, too little for the layers that follow. The copy is `asinh(gain * x) / asinh(gain)`:
    about ten times the signal near zero at the default gain, and 1 where the signal is 1.

    Args:
        gain: how strongly small values are enlarged, above 0. Defaults to 50.

    Call arguments:
        inputs: normalised signal.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, time, 2 * channels)`: the signal, then its copy.

    Raises:
        ValueError: a gain that is not above 0.

    Example:
        >>> import numpy as np
        >>> tuple(CompressedCopy()(np.ones((2, 128, 9), "float32")).shape)
        (2, 128, 18)

    Reference:
        ITU-T G.711, 1988, compresses sound by a mu-law; the inverse hyperbolic sine has the same form and is smooth
        at zero.
    """

    def __init__(self, gain: float = 50.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not gain > 0:
            raise ValueError(f"Expected gain above 0. Received: gain={gain!r}.")
        self.gain = gain

    def call(self, inputs: Any) -> Any:
        copy = ops.arcsinh(self.gain * inputs) / ops.arcsinh(ops.cast(self.gain, inputs.dtype))
        return ops.concatenate([inputs, copy], axis=-1)

    def stream(self, program: Any, inputs: Any) -> Any:
        copy = program.activation(program.affine(inputs, scale=self.gain), "arcsinh")
        return program.concatenate([inputs, program.affine(copy, scale=1 / np.arcsinh(self.gain))])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        channels = input_shape[-1]
        return (*input_shape[:-1], None if channels is None else 2 * channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
