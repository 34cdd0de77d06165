"""MiniRocket."""

from collections.abc import Sequence

import keras

from kerashar.layers import FeatureStandardization, MiniRocketFeatures
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model
from kerashar.models.ridge_model import RidgeModel

CARD = ModelCard(
    title="MiniRocket",
    summary="Baseline that is fitted in one pass: shares of the window above biases, and a ridge classifier.",
    paper=(
        "Dempster, Schmidt and Webb, MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series "
        "Classification, KDD 2021, https://arxiv.org/abs/2012.08791"
    ),
    year=2021,
    origin="https://github.com/angus924/minirocket",
    code_licence="GPL-3.0",
    differs=(
        "The authors' multivariate form. The signal is normalised and rounded to 1/8192, so that all backends give "
        "the same features; on a GPU they do where convolutions are in full float32. The ridge scores are scaled by "
        "one number to serve as logits."
    ),
    input_shape=(128, 9),
    parameters=101_337,
    receptive_field=None,
    causal=False,
)


@register_model("mini_rocket", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class MiniRocket(RidgeModel):
    """Classifies windows of sensor signals by a ridge regression on the features of MiniRocket.

    Use it as the baseline that a network has to beat. `fit` and `kerashar.train` find it in closed form, in one
    epoch. It takes raw physical units: fit its normalisation with `model.get_layer("normalization").fit(windows)`.

    Args:
        window_shape: `(time, channels)` of one window.
        num_classes: number of logits; 0 gives the scaled features.
        num_features: number of features, rounded down to a multiple of 84. Defaults to 10,000.
        max_dilations: largest number of dilations of one kernel. Defaults to 32.
        seed: seed of channels and biases. Defaults to 0.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes out of range, or a window that is too short or of unknown length.

    Example:
        >>> MiniRocket((128, 9), 6, num_features=1000).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("mini_rocket")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        num_features: int = 10_000,
        max_dilations: int = 32,
        seed: int = 0,
        name: str = "mini_rocket",
    ) -> None:
        # === Layers ===
        # In float32 under mixed precision too: the features are exact in it.
        pool = MiniRocketFeatures(num_features, max_dilations, seed, dtype="float32", name="pool")
        scaling = FeatureStandardization(dtype="float32", name="scaling")

        # === Functional model ===
        super().__init__(window_shape, num_classes, pool, scaling, name)

        # === Config ===
        self.num_features = num_features
        self.max_dilations = max_dilations
        self.seed = seed
