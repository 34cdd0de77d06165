"""InceptionTime."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers import Conv1D, InceptionModule1D, SignalNormalization
from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.checks import check_classes, check_sizes, check_window_shape
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

_RESIDUAL = 3  # modules that a shortcut leaps over, as published

CARD = ModelCard(
    title="InceptionTime",
    summary="Accurate on many kinds of series: very long kernels of several sizes side by side; slow on a CPU.",
    paper=(
        "Ismail Fawaz et al., InceptionTime: Finding AlexNet for Time Series Classification, Data Mining and Knowledge "
        "Discovery, 2020, https://arxiv.org/abs/1909.04939"
    ),
    year=2020,
    origin="https://github.com/hfawaz/InceptionTime",
    code_licence="GPL-3.0",
    differs=(
        "One network, equal to the authors' code after a normalisation by figures of the training set; the paper "
        "averages the probabilities of five such networks. Their code names the kernels by 41 and takes 1 off: 40, "
        "20 and 10 taps."
    ),
    input_shape=(128, 9),
    parameters=494_040,
    receptive_field=235,
    causal=False,
    depth="depth",
)


@register_model("inception_time", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class InceptionTime(ConfiguredModel):
    """Classifies windows of sensor signals by stacked inception modules with a shortcut over every third.

    Use it where accuracy counts more than time, and where neither rate nor length of the patterns is known. It takes
    raw physical units: fit its normalisation on training windows with `model.get_layer("normalization").fit(windows)`;
    `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the pooled features.
        filters: channels of each branch of a module. Defaults to 32.
        depth: modules. 2, 3, 6 modules of the default kernels see 79, 118, 235 samples. Defaults to 6.
        kernel_sizes: taps of the kernels side by side in each module. Defaults to (40, 20, 10).
        bottleneck: channels to which each module narrows its input ahead of the kernels, or `None`. Defaults to 32.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: a size below 1, or no kernel size.

    Example:
        >>> InceptionTime((128, 9), 6, filters=8, depth=3).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("inception_time")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        filters: int = 32,
        depth: int = 6,
        kernel_sizes: Sequence[int] = (40, 20, 10),
        bottleneck: int | None = 32,
        name: str = "inception_time",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(depth=depth)

        # === Layers ===
        normalize = SignalNormalization(name="normalization")
        modules = [
            InceptionModule1D(filters, kernel_sizes, bottleneck, name=f"module_{index + 1}") for index in range(depth)
        ]
        pool = keras.layers.GlobalAveragePooling1D(name="pool")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = start = normalize(inputs)
        for index, module in enumerate(modules, start=1):
            outputs = module(outputs)  # (batch, time, filters * (kernels + 1))
            if index % _RESIDUAL == 0:
                outputs = start = _add_shortcut(start, outputs, index)
        outputs = pool(outputs)
        super().__init__(inputs=inputs, outputs=with_logits(outputs, num_classes), name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.filters = filters
        self.depth = depth
        self.kernel_sizes = tuple(kernel_sizes)
        self.bottleneck = bottleneck


def _add_shortcut(start: Any, outputs: Any, index: int) -> Any:
    shortcut = Conv1D(outputs.shape[-1], 1, use_bias=False, name=f"shortcut_{index}")(start)
    shortcut = BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"shortcut_norm_{index}")(shortcut)
    total = keras.layers.Add(name=f"sum_{index}")([shortcut, outputs])
    return keras.layers.ReLU(name=f"activation_{index}")(total)
