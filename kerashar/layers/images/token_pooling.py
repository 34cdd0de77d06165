"""Pooling of a transformer's patches."""

from typing import Any, Literal

import keras
from keras import ops

from kerashar.layers.checks import check_choice
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class TokenPooling(QuickLayer):
    """Gives the class token, or the mean of the patches behind it.

    Use it after the blocks of a vision transformer.

    Args:
        kind: `"token"` or `"average"`. Defaults to `"token"`.

    Call arguments:
        inputs: class token and patches.

    Input shape:
        `(batch, 1 + patches, width)`.

    Output shape:
        `(batch, width)`.

    Raises:
        ValueError: an unknown kind.

    Example:
        >>> import numpy as np
        >>> tuple(TokenPooling("average")(np.ones((2, 65, 32), "float32")).shape)
        (2, 32)

    Reference:
        Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021.
    """

    def __init__(self, kind: Literal["token", "average"] = "token", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("kind", kind, ("token", "average"))
        self.kind = kind
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        return inputs[:, 0] if self.kind == "token" else ops.mean(inputs[:, 1:], axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}
