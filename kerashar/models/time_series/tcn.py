"""Temporal convolutional network."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers import GlobalPooling1D, SignalNormalization, TemporalBlock
from kerashar.layers.checks import check_classes, check_sizes, check_window_shape
from kerashar.layers.choices import Activation
from kerashar.layers.global_pooling1d import Pooling
from kerashar.layers.temporal_block import SMALL_NORMAL
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="TCN",
    summary="Causal: for streams, where a prediction is due with each sample and nothing later is known.",
    paper=(
        "Bai et al., An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling, "
        "2018, https://arxiv.org/abs/1803.01271"
    ),
    year=2018,
    origin="https://github.com/locuslab/TCN",
    code_licence="MIT",
    differs=(
        "Blocks, dilations and the prediction from the last time step as in the authors' code. Kernels start from its "
        "normal(0, 0.01); there, weight normalisation overwrites those of the branches at the first call by PyTorch's "
        "own start. Biases start from 0. The paper drops whole channels, the code and ours single values. Windows are "
        "normalised by figures of the training set. In a stream, pooling other than the published last time step runs "
        "over all samples so far."
    ),
    input_shape=(128, 9),
    parameters=114_648,
    receptive_field=125,
    causal=True,
    depth="levels",
)


@register_model("tcn", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class TCN(ConfiguredModel):
    """Classifies windows of sensor signals by causal convolutions of growing dilation, from the last time step.

    Use it on streams. At the last sample of a recording of any length it gives the logits that it gives for the last
    `kerashar.receptive_field(model).samples` samples alone. It takes raw physical units: fit its normalisation on
    training windows with `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        hidden: channels inside the network. Defaults to 64.
        levels: blocks; block i, from 0, has dilation 2^i. 4, 5, 6 levels of 3 taps see 61, 125, 253 samples. Defaults
            to 5.
        kernel_size: taps of each convolution. Defaults to 3.
        dropout: share of values dropped after each convolution, in training. Defaults to 0.1.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        weight_normalization: whether kernels learn length and direction apart. Defaults to True.
        pooling: kind of `GlobalPooling1D`. Defaults to `"last"`, as published; others read the whole window.
        kernel_initializer: initialiser of the convolutions, such as `"he_normal"` or `"glorot_uniform"` (Xavier).
            Defaults to a normal distribution of deviation 0.01.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, or unknown names.

    Example:
        >>> TCN((128, 9), 6, hidden=16, levels=3).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("tcn")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        hidden: int = 64,
        levels: int = 5,
        kernel_size: int = 3,
        dropout: float = 0.1,
        activation: Activation = "relu",
        weight_normalization: bool = True,
        pooling: Pooling = "last",
        kernel_initializer: Any = SMALL_NORMAL,
        seed: int | None = None,
        name: str = "tcn",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(hidden=hidden, levels=levels)

        # === Layers ===
        normalization = SignalNormalization(name="normalization")
        blocks = [
            TemporalBlock(
                hidden,
                kernel_size,
                dilation_rate=2**level,
                dropout=dropout,
                activation=activation,
                weight_normalization=weight_normalization,
                kernel_initializer=kernel_initializer,
                seed=None if seed is None else seed + 2 * level,  # a block has two dropouts
                name=f"level_{level + 1}",
            )
            for level in range(levels)
        ]
        pool = GlobalPooling1D(pooling, name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = normalization(inputs)
        for block in blocks:
            outputs = block(outputs)  # (batch, time, hidden)
        outputs = pool(outputs)  # (batch, hidden)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.hidden = hidden
        self.levels = levels
        self.kernel_size = kernel_size
        self.dropout = dropout
        self.activation: Activation = activation
        self.weight_normalization = weight_normalization
        self.pooling: Pooling = pooling
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
