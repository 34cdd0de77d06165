"""Convolutions, then LSTMs."""

from collections.abc import Sequence

import keras

from kerashar.layers import ConvolutionBlock1D, Dropout, GlobalPooling1D, SignalNormalization
from kerashar.layers.checks import check_classes, check_share, check_sizes, check_window_shape
from kerashar.layers.choices import Activation, Normalization
from kerashar.layers.global_pooling1d import Pooling
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="CNN-LSTM",
    summary="For activities that are a sequence of movements: convolutions shorten the window, an LSTM reads it.",
    paper="Mutegeki and Han, A CNN-LSTM Approach to Human Activity Recognition, ICAIIC 2020",
    year=2020,
    origin="none",
    code_licence="none",
    differs=(
        "The form is ours; the paper gives the idea. Convolutions with strides and normalisation stand where theirs "
        "pool, so that the LSTM has few steps; it may run both ways, and its outputs are pooled over the window."
    ),
    input_shape=(128, 9),
    parameters=111_448,
    receptive_field=29,
    causal=False,
    depth="depth",
)


@register_model("cnn_lstm", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class CNNLSTM(ConfiguredModel):
    """Classifies windows of sensor signals by strided convolutions, then LSTMs over the steps that are left.

    Use it where the order of movements matters. It takes raw physical units: fit its normalisation on training
    windows with `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        width: channels of the convolutions. Defaults to 64.
        depth: convolutions. 2, 3, 4, 5 of the default ones see 13, 29, 61, 125 samples. Defaults to 3.
        kernel_size: taps of each convolution. Defaults to 5.
        strides: step of each convolution, in samples; 1 leaves the LSTMs as many steps as the window has samples.
            Defaults to 2.
        units: units of each LSTM, in each direction. Defaults to 64.
        recurrent_layers: LSTMs on top of each other. Defaults to 1.
        bidirectional: whether each LSTM reads the window both ways. Defaults to True.
        normalization: `"batch"`, `"layer"` or `"group"`. Defaults to `"batch"`.
        activation: `"relu"`, `"leaky_relu"`, `"prelu"`, `"gelu"` or `"silu"`. Defaults to `"relu"`.
        dropout: share of values dropped before each LSTM and before the logits, in training. Defaults to 0.2.
        pooling: kind of `GlobalPooling1D`. Defaults to `"average"`.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, or unknown names.

    Example:
        >>> CNNLSTM((128, 9), 6, width=16, bidirectional=False, pooling="last").output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("cnn_lstm")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        width: int = 64,
        depth: int = 3,
        kernel_size: int = 5,
        strides: int = 2,
        units: int = 64,
        recurrent_layers: int = 1,
        bidirectional: bool = True,
        normalization: Normalization = "batch",
        activation: Activation = "relu",
        dropout: float = 0.2,
        pooling: Pooling = "average",
        seed: int | None = None,
        name: str = "cnn_lstm",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(depth=depth, units=units, recurrent_layers=recurrent_layers)
        check_share(dropout=dropout)

        # === Layers ===
        trunk = [SignalNormalization(name="normalization")]
        trunk += [
            ConvolutionBlock1D(width, kernel_size, strides, normalization, activation, name=f"convolution_{index + 1}")
            for index in range(depth)
        ]
        for index in range(recurrent_layers):
            recurrent = keras.layers.LSTM(units, return_sequences=True, name=f"recurrent_{index + 1}")
            dropout_seed = None if seed is None else seed + 1 + index
            trunk += [
                Dropout(dropout, seed=dropout_seed, name=f"dropout_{index + 1}"),
                keras.layers.Bidirectional(recurrent, name=recurrent.name) if bidirectional else recurrent,
            ]
        trunk.append(GlobalPooling1D(pooling, name="pool"))

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = inputs
        for layer in trunk:  # (batch, time / strides^depth, width) after the convolutions
            outputs = layer(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.width = width
        self.depth = depth
        self.kernel_size = kernel_size
        self.strides = strides
        self.units = units
        self.recurrent_layers = recurrent_layers
        self.bidirectional = bidirectional
        self.normalization = normalization
        self.activation = activation
        self.dropout = dropout
        self.pooling = pooling
        self.seed = seed
