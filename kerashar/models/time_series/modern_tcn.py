"""ModernTCN in the form used for human activities: plain, causal, and with a decoder of its signals."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from kerashar.layers import (
    CompressedCopy,
    GlobalPooling1D,
    MultiScaleBlock,
    PhysicsLoss,
    SignalDecoder,
    SignalNormalization,
)
from kerashar.layers.checks import check_classes, check_memory, check_sizes, check_window_shape, known_channels
from kerashar.layers.dense import Dense
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

CARD = ModelCard(
    title="ModernTCN (HAR form)",
    summary="Strong default for windows of 1 to 10 s: large depthwise kernels, then dilated multi-scale blocks.",
    paper="Luo and Wang, ModernTCN: A Modern Pure Convolution Structure for General Time Series Analysis, ICLR 2024",
    year=2024,
    origin="https://github.com/luodhhh/ModernTCN",
    code_licence="MIT",
    differs=(
        "Channels, each with a compressed copy, are mixed by an input projection instead of one embedding for each "
        "variable; blocks of kernels 3 "
        "and 7 with dilation 2^i and squeeze-and-excitation follow the 21-tap stem; no patches, no ConvFFN."
    ),
    input_shape=(128, 9),
    parameters=163_400,
    receptive_field=125,
    causal=False,
    depth="blocks",
)
CAUSAL_CARD = replace(
    CARD,
    title="Causal ModernTCN",
    summary="ModernTCN for streams: no feature looks ahead, so that each sample is computed once.",
    differs=(
        f"{CARD.differs} Convolutions look back only, and each time step's gates come from the mean of the last "
        "`memory` samples. The pool is the mean over time as in modern_tcn, of the last `memory` samples too, so it "
        "hears the whole window where the last time step alone hears 125 samples. `memory` is the window's length if "
        "not given: within a window both see all samples so far, and in a stream they forget what is longer ago. "
        "Layer normalisation takes the channels of one sample in time. There is no attention."
    ),
    causal=True,
)
PHYSICS_CARD = replace(
    CARD,
    title="Physics ModernTCN",
    summary="ModernTCN whose features must also tell the raw signals: to see what they keep; no more accurate on HAPT.",
    paper=(
        "Le et al., Supervised Autoencoders: Improving Generalization Performance with Unsupervised Regularizers, "
        "NeurIPS 2018, for a decoder beside a classifier; the form is this project's own"
    ),
    year=2018,
    origin="none",
    code_licence="none",
    differs=(
        "On modern_tcn. A network of one hidden layer decodes the raw signals from the features of each time step, and "
        "their smooth L1 error in physical units joins the loss. It is physical in its units and targets alone: no "
        "equation of motion enters, as it does in physics-informed networks (Raissi et al. 2019)."
    ),
    parameters=172_241,
)


@register_model("physics_modern_tcn", PHYSICS_CARD, physics_weight=0.1)
@register_model("causal_modern_tcn", CAUSAL_CARD, causal=True)
@register_model("modern_tcn", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class ModernTCN(ConfiguredModel):
    """Classifies windows of sensor signals by stacked depthwise convolutions of growing dilation.

    Use it as the first model on a new data set. It takes raw physical units: fit its normalisation on training
    windows with `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        hidden: channels inside the network. Defaults to 128.
        blocks: multi-scale blocks; block i has dilation 2^i. 2, 3, 4 blocks see 77, 125, 221 samples. Defaults to 3.
        stem_kernel: taps of the stem's depthwise convolutions. Defaults to 21.
        kernel_sizes: taps of the parallel kernels in each block. Defaults to (3, 7).
        squeeze_reduction: reduction of squeeze-and-excitation, or `None` to leave it out. Defaults to 8.
        dropout: share of values dropped in each block and before the logits, in training. Defaults to 0.1.
        stochastic_depth: share of samples that lose the last block's branch in training; earlier blocks lose
            proportionally fewer. Defaults to 0.1.
        causal: whether features depend on their own and earlier samples only. Defaults to False.
        memory: samples that the gates and the pool of a causal model look back; by default the window's length, and all
            samples so far where that is `None`.
        physics_weight: weight in the training loss of the error with which a decoder tells the raw signals from the
            features, a smooth L1 in physical units; 0 leaves the decoder out. Defaults to 0.
        physics_channels: which channels are decoded, by number, such as those of acceleration and angular rate;
            `None` for all. Defaults to `None`.
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes, rates or channels out of range, or a memory without `causal`; `predict_signals` on a model
            without a decoder.

    Example:
        >>> ModernTCN((128, 9), 6, blocks=2).output_shape
        (None, 6)

    Reference:
        See the model cards, such as `kerashar.model_card("modern_tcn")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        hidden: int = 128,
        blocks: int = 3,
        stem_kernel: int = 21,
        kernel_sizes: Sequence[int] = (3, 7),
        squeeze_reduction: int | None = 8,
        dropout: float = 0.1,
        stochastic_depth: float = 0.1,
        causal: bool = False,
        memory: int | None = None,
        physics_weight: float = 0.0,
        physics_channels: Sequence[int] | None = None,
        seed: int | None = None,
        name: str = "modern_tcn",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(hidden=hidden, blocks=blocks)
        check_memory(memory, causal)
        channels = range(known_channels(tuple(window_shape)))
        decoded = tuple(channels if physics_channels is None else physics_channels)
        if not decoded or not set(decoded) <= set(channels):
            raise ValueError(
                f"Expected physics_channels to be numbers from 0 to {channels[-1]}. Received: "
                f"physics_channels={decoded}."
            )
        padding = "causal" if causal else "same"
        look_back = (window_shape[0] if memory is None else memory) if causal else None

        # === Layers ===
        # In float32 under mixed precision too: physical units may not fit float16.
        normalization = SignalNormalization(dtype="float32", name="normalization")
        compressed_copy = CompressedCopy(name="compressed_copy")
        projection = Dense(hidden, name="input_projection")
        stem = MultiScaleBlock(
            (stem_kernel,), squeeze_reduction=None, dropout=dropout, padding=padding, seed=seed, name="stem"
        )
        stages = [
            MultiScaleBlock(
                kernel_sizes,
                dilation_rate=2**index,
                squeeze_reduction=squeeze_reduction,
                dropout=dropout,
                stochastic_depth=stochastic_depth * (index + 1) / blocks,
                padding=padding,
                memory=look_back,
                seed=None if seed is None else seed + 1 + index,
                name=f"block_{index + 1}",
            )
            for index in range(blocks)
        ]
        pool = GlobalPooling1D("average", look_back, name="pool")
        norm = LayerNormalization(name="head_norm")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = stem(projection(compressed_copy(normalization(inputs))))  # (batch, time, hidden)
        for stage in stages:
            outputs = stage(outputs)
        if physics_weight:
            signals = SignalDecoder(len(decoded), name="decoder")(outputs)  # (batch, time, decoded channels)
            signals = normalization(signals, inverse=True, channels=decoded)
            physics_loss = PhysicsLoss(physics_weight, decoded, dtype="float32", name="physics_loss")
            outputs = physics_loss([outputs, signals, inputs])
        outputs = norm(pool(outputs))  # (batch, hidden)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes, dropout, seed), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.hidden = hidden
        self.blocks = blocks
        self.stem_kernel = stem_kernel
        self.kernel_sizes = tuple(kernel_sizes)
        self.squeeze_reduction = squeeze_reduction
        self.dropout = dropout
        self.stochastic_depth = stochastic_depth
        self.causal = causal
        self.memory = memory
        self.physics_weight = physics_weight
        self.physics_channels = None if physics_channels is None else decoded
        self.seed = seed

    def predict_signals(self, windows: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """The signals `(n, time, decoded channels)` in physical units that the decoder tells from its features.

        Example:
            >>> model = ModernTCN((16, 9), 6, hidden=8, blocks=1, physics_weight=0.1, physics_channels=(0, 1, 2))
            >>> model.predict_signals(np.ones((4, 16, 9), "float32")).shape
            (4, 16, 3)
        """
        if not self.physics_weight:
            raise ValueError("Expected a model with a decoder. Received: physics_weight=0.")
        _, signals, _ = self.get_layer("physics_loss").input
        return np.asarray(keras.Model(self.input, signals).predict(windows, batch_size=batch_size, verbose=0))
