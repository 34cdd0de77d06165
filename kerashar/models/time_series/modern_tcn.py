"""ModernTCN in the form used for human activities."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers import CompressedCopy, MultiScaleBlock, SignalNormalization
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


@register_model("modern_tcn", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class ModernTCN(keras.Model):
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
        seed: seed of dropout and stochastic depth. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or rates out of range.

    Example:
        >>> ModernTCN((128, 9), 6, blocks=2).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("modern_tcn")`.
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
        seed: int | None = None,
        name: str = "modern_tcn",
    ) -> None:
        if len(window_shape) != 2:
            raise ValueError(f"Expected window_shape (time, channels). Received: window_shape={tuple(window_shape)}.")
        for argument, size in {"hidden": hidden, "blocks": blocks}.items():
            if size < 1:
                raise ValueError(f"Expected {argument} to be at least 1. Received: {argument}={size}.")
        if num_classes < 0:
            raise ValueError(f"Expected num_classes to be at least 0. Received: num_classes={num_classes}.")

        # === Layers ===
        normalization = SignalNormalization(name="normalization")
        compressed_copy = CompressedCopy(name="compressed_copy")
        projection = keras.layers.Dense(hidden, name="input_projection")
        stem = MultiScaleBlock((stem_kernel,), squeeze_reduction=None, dropout=dropout, seed=seed, name="stem")
        stages = [
            MultiScaleBlock(
                kernel_sizes,
                dilation_rate=2**index,
                squeeze_reduction=squeeze_reduction,
                dropout=dropout,
                stochastic_depth=stochastic_depth * (index + 1) / blocks,
                seed=None if seed is None else seed + 1 + index,
                name=f"block_{index + 1}",
            )
            for index in range(blocks)
        ]
        pool = keras.layers.GlobalAveragePooling1D(name="pool")
        norm = keras.layers.LayerNormalization(epsilon=1e-6, name="head_norm")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = stem(projection(compressed_copy(normalization(inputs))))  # (batch, time, hidden)
        for stage in stages:
            outputs = stage(outputs)
        outputs = norm(pool(outputs))  # (batch, hidden)
        if num_classes:
            outputs = keras.layers.Dropout(dropout, seed=seed, name="head_dropout")(outputs)
            outputs = keras.layers.Dense(num_classes, dtype="float32", name="logits")(outputs)
        super().__init__(inputs=inputs, outputs=outputs, name=name)

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
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        return {
            "window_shape": self.window_shape,
            "num_classes": self.num_classes,
            "hidden": self.hidden,
            "blocks": self.blocks,
            "stem_kernel": self.stem_kernel,
            "kernel_sizes": self.kernel_sizes,
            "squeeze_reduction": self.squeeze_reduction,
            "dropout": self.dropout,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
            "name": self.name,
        }
