"""DeepConvLSTM."""

from collections.abc import Sequence

import keras

from kerashar.layers import Dropout, SharedConv1D, SignalNormalization, combined_span
from kerashar.layers.checks import check_classes, check_share, check_sizes, check_window_shape, known_channels
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="DeepConvLSTM",
    summary="The classic of activity recognition, to compare with; slow, since it steps through the window.",
    paper=(
        "Ordóñez and Roggen, Deep Convolutional and LSTM Recurrent Neural Networks for Multimodal Wearable Activity "
        "Recognition, Sensors, 2016, https://doi.org/10.3390/s16010115"
    ),
    year=2016,
    origin="https://github.com/sussexwearlab/DeepConvLSTM",
    code_licence="none stated",
    differs=(
        "Keras' LSTM, without the peephole connections that Lasagne's gives the authors' code. Dropout stands before "
        "each LSTM; their published notebook, which only predicts, shows none. Of any number of channels, sensor by "
        "sensor ahead of the LSTMs, where theirs go filter by filter: the same up to the order of weights."
    ),
    input_shape=(128, 9),
    parameters=555_352,
    receptive_field=17,
    causal=False,
)


@register_model("deep_conv_lstm", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class DeepConvLSTM(ConfiguredModel):
    """Classifies windows of sensor signals by convolutions of each channel apart, then two LSTMs over all of them.

    Use it to compare with the literature; `CNNLSTM` is quicker. It takes raw physical units: fit its normalisation on
    training windows with `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`. The convolutions take no padding: a window
            has to be longer than `depth * (kernel_size - 1)` samples.
        num_classes: number of logits; 0 gives the last LSTM's last output.
        filters: features of each channel in each convolution. Defaults to 64.
        depth: convolutions; 4 of 5 taps see 17 samples. Defaults to 4.
        kernel_size: taps of each convolution. Defaults to 5.
        units: units of each LSTM. Defaults to 128.
        dropout: share of values dropped before each LSTM, in training. Defaults to 0.5.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: a size or share out of range, or a window too short for the convolutions.

    Example:
        >>> DeepConvLSTM((128, 9), 6, filters=8, units=16).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("deep_conv_lstm")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        filters: int = 64,
        depth: int = 4,
        kernel_size: int = 5,
        units: int = 128,
        dropout: float = 0.5,
        seed: int | None = None,
        name: str = "deep_conv_lstm",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(depth=depth, units=units)
        check_share(dropout=dropout)

        # === Layers ===
        time, channels = window_shape[0], known_channels(tuple(window_shape))
        convolutions = [
            SharedConv1D(filters, kernel_size, padding="valid", name=f"convolution_{index + 1}")
            for index in range(depth)
        ]
        shortest = combined_span(convolutions)
        if time is not None and time < shortest:
            raise ValueError(
                f"Expected a window of at least {shortest} samples for {depth} convolutions of {kernel_size} taps "
                f"without padding. Received: window_shape={tuple(window_shape)}."
            )
        trunk = [
            SignalNormalization(name="normalization"),
            keras.layers.Permute((2, 1), name="channels_first"),
            keras.layers.Reshape((channels, -1, 1), name="split_channels"),
        ]
        for index, convolution in enumerate(convolutions, start=1):
            trunk += [convolution, keras.layers.ReLU(name=f"activation_{index}")]
        trunk += [
            keras.layers.Permute((2, 1, 3), name="time_first"),
            keras.layers.Reshape((-1, channels * filters), name="join_channels"),
        ]
        for index in (1, 2):
            dropout_seed = None if seed is None else seed + index
            trunk += [
                Dropout(dropout, seed=dropout_seed, name=f"dropout_{index}"),
                keras.layers.LSTM(units, return_sequences=index == 1, name=f"recurrent_{index}"),
            ]

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = inputs
        for layer in trunk:  # (batch, channels, steps, filters) in the convolutions, (batch, steps, units) after them
            outputs = layer(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.filters = filters
        self.depth = depth
        self.kernel_size = kernel_size
        self.units = units
        self.dropout = dropout
        self.seed = seed
