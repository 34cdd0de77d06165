"""Gated network of two products."""

from typing import Any

import keras
from keras import ops

from kerashar.layers.checks import check_sizes, known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class SwiGLU(QuickLayer):
    """Widens each patch twice, multiplies one by the SiLU of the other, and narrows the result.

    Use it as the network of a transformer's block; with a hidden layer of 8/3 of the width it has as many weights as
    the usual one of 4.

    Args:
        hidden: width of the hidden layer.
        normalize: whether the hidden layer is normalised. Defaults to False.

    Call arguments:
        inputs: any tensor with channels last.

    Input shape:
        `(batch, ..., width)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a size below 1.

    Example:
        >>> import numpy as np
        >>> tuple(SwiGLU(85)(np.ones((2, 65, 32), "float32")).shape)
        (2, 65, 32)

    Reference:
        Shazeer, "GLU Variants Improve Transformer", 2020; normalised as in Fang et al., "EVA-02: A Visual
        Representation for Neon Genesis", 2023.
    """

    def __init__(self, hidden: int, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(hidden=hidden)
        self.hidden = hidden
        self.normalize = normalize
        settings = {"kernel_initializer": SMALL_NORMAL, "dtype": self.dtype_policy}
        self.widen = Dense(2 * hidden, name="widen", **settings)  # the gate, then what it gates
        self.norm = None
        if normalize:
            self.norm = LayerNormalization(dtype=self.dtype_policy, name="norm")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = known_channels(input_shape)
        self.narrow = Dense(width, kernel_initializer=SMALL_NORMAL, dtype=self.dtype_policy, name="narrow")
        wide = (*input_shape[:-1], self.hidden)
        self.widen.build(input_shape)
        if self.norm is not None:
            self.norm.build(wide)
        self.narrow.build(wide)

    def call(self, inputs: Any) -> Any:
        wide = self.widen(inputs)
        gated = ops.silu(wide[..., : self.hidden]) * wide[..., self.hidden :]
        return self.narrow(gated if self.norm is None else self.norm(gated))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "hidden": self.hidden, "normalize": self.normalize}
