"""Network of two layers over the channels."""

from typing import Any, Literal

import keras

from kerashar import backend
from kerashar.layers.checks import check_choice, check_sizes, known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.images.star_relu import StarReLU
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class FeedForward(QuickLayer):
    """Widens the channels of each place, activates, and narrows them again.

    Use it as the second half of a transformer's block.

    Args:
        hidden: width of the hidden layer.
        activation: `"gelu"` or `"star_relu"`. Defaults to `"gelu"`.
        use_bias: whether both layers have a bias. Defaults to True.

    Call arguments:
        inputs: any tensor with channels last.

    Input shape:
        `(batch, ..., width)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a size below 1, or an unknown activation.

    Example:
        >>> import numpy as np
        >>> tuple(FeedForward(128)(np.ones((2, 65, 32), "float32")).shape)
        (2, 65, 32)

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017.
    """

    def __init__(
        self, hidden: int, activation: Literal["gelu", "star_relu"] = "gelu", use_bias: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_sizes(hidden=hidden)
        check_choice("activation", activation, ("gelu", "star_relu"))
        self.hidden = hidden
        self.activation = activation
        self.use_bias = use_bias
        self.activate = None
        if activation == "star_relu":
            self.activate = StarReLU(dtype=self.dtype_policy, name="activation")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        settings = {"use_bias": self.use_bias, "kernel_initializer": SMALL_NORMAL, "dtype": self.dtype_policy}
        self.widen = Dense(self.hidden, name="widen", **settings)
        self.narrow = Dense(known_channels(input_shape), name="narrow", **settings)
        wide = (*input_shape[:-1], self.hidden)
        self.widen.build(input_shape)
        if self.activate is not None:
            self.activate.build(wide)
        self.narrow.build(wide)

    def call(self, inputs: Any) -> Any:
        wide = self.widen(inputs)
        return self.narrow(backend.gelu(wide) if self.activate is None else self.activate(wide))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "hidden": self.hidden,
            "activation": self.activation,
            "use_bias": self.use_bias,
        }
