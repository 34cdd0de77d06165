"""Feed-forward network of each group of channels."""

from typing import Any

import keras

from kerashar import backend
from kerashar.layers.checks import check_share, check_sizes
from kerashar.layers.dropout import Dropout
from kerashar.layers.quick_layer import QuickLayer


@keras.saving.register_keras_serializable(package="kerashar")
class GroupedFeedForward(QuickLayer):
    """Mixes the channels of each group at each time step by two dense layers of the group's own.

    Use it to keep groups apart that mean different things, such as the axes of a sensor: a plain feed-forward network
    mixes them all. It computes what two grouped convolutions of one tap would, as batched matrix products, which are
    faster on every backend.

    Args:
        expansion: how many times wider the hidden layer is than a group. Defaults to 1.
        dropout: share of values dropped after each dense layer, in training. Defaults to 0.
        seed: seed of dropout. Defaults to None.

    Call arguments:
        inputs: signal whose channels are split into groups.
        training: whether dropout acts.

    Input shape:
        `(batch, time, groups, channels)`; time may be `None`.

    Output shape:
        As the input.

    Raises:
        ValueError: an expansion below 1, a dropout outside [0, 1), or an unknown number of groups or channels.

    Example:
        >>> import numpy as np
        >>> layer = GroupedFeedForward(expansion=2)
        >>> tuple(layer(np.ones((2, 128, 9, 16), "float32")).shape), layer.count_params() // 9
        ((2, 128, 9, 16), 1072)

    Reference:
        Luo and Wang, "ModernTCN", 2024 (ConvFFN). Ours starts from LeCun's initialisation, theirs from
        PyTorch's, a third of its variance.
    """

    def __init__(self, expansion: int = 1, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_sizes(expansion=expansion)
        check_share(dropout=dropout)
        self.expansion = expansion
        self.dropout = dropout
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=4)
        policy = self.dtype_policy
        self.drops = [
            Dropout(dropout, seed=None if seed is None else seed + index, dtype=policy, name=name)
            for index, name in enumerate(("dropout_hidden", "dropout_output"))
        ]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        groups, channels = input_shape[-2:]
        if groups is None or channels is None:
            raise ValueError(f"Expected known groups and channels. Received: input_shape={tuple(input_shape)}.")
        hidden = self.expansion * channels
        self.expand = self._make_dense(groups, hidden, "expand")
        self.reduce = self._make_dense(groups, channels, "reduce")
        self.expand.build(input_shape)
        self.reduce.build((*input_shape[:-1], hidden))

    def call(self, inputs: Any, training: bool = False) -> Any:
        hidden = backend.gelu(self.drops[0](self.expand(inputs), training=training))
        return self.drops[1](self.reduce(hidden), training=training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "expansion": self.expansion, "dropout": self.dropout, "seed": self.seed}

    def _make_dense(self, groups: int, units: int, name: str) -> keras.layers.EinsumDense:
        return keras.layers.EinsumDense(
            "btgc,gcu->btgu",
            output_shape=(None, groups, units),
            bias_axes="gu",
            kernel_initializer="lecun_normal",  # fan-in alone: Keras counts all groups into the fan-out
            dtype=self.dtype_policy,
            name=name,
        )
