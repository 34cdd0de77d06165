"""Hydra."""

from collections.abc import Sequence

import keras

from kerashar.layers import HydraFeatures, SparseScaling
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model
from kerashar.models.ridge_model import RidgeModel

CARD = ModelCard(
    title="Hydra",
    summary="Baseline that is fitted in one pass: counts of competing random kernels, and a ridge classifier.",
    paper=(
        "Dempster, Schmidt and Webb, Hydra: Competing Convolutional Kernels for Fast and Accurate Time Series "
        "Classification, Data Mining and Knowledge Discovery 2023, https://arxiv.org/abs/2203.13652"
    ),
    year=2023,
    origin="https://github.com/angus924/hydra",
    code_licence="GPL-3.0",
    differs=(
        "The authors' multivariate form. The signal is normalised and rounded to 1/512, the kernels to 1/256, so that "
        "all backends give the same counts; on a GPU they do where convolutions are in full float32. The ridge scores "
        "are scaled by one number to serve as logits."
    ),
    input_shape=(128, 9),
    parameters=53_537,
    receptive_field=None,
    causal=False,
)


@register_model("hydra", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class Hydra(RidgeModel):
    """Classifies windows of sensor signals by a ridge regression on the features of Hydra.

    Use it beside `MiniRocket`, whose features say something else. `fit` and `kerashar.train` find it in closed form,
    in one epoch. It takes raw physical units: fit its normalisation with
    `model.get_layer("normalization").fit(windows)`.

    Args:
        window_shape: `(time, channels)` of one window.
        num_classes: number of logits; 0 gives the scaled features.
        kernels: kernels that compete in a group. Defaults to 8.
        groups: groups of each dilation, an even number. Defaults to 64.
        seed: seed of kernels and channels. Defaults to 0.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes out of range, or a window that is too short or of unknown length.

    Example:
        >>> Hydra((128, 9), 6, groups=8).output_shape
        (None, 6)

    Reference:
        See the model card, `kerashar.model_card("hydra")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        kernels: int = 8,
        groups: int = 64,
        seed: int = 0,
        name: str = "hydra",
    ) -> None:
        # === Layers ===
        # In float32 under mixed precision too: the features are exact in it.
        pool = HydraFeatures(kernels, groups, seed, dtype="float32", name="pool")
        scaling = SparseScaling(dtype="float32", name="scaling")

        # === Functional model ===
        super().__init__(window_shape, num_classes, pool, scaling, name)

        # === Config ===
        self.kernels = kernels
        self.groups = groups
        self.seed = seed
