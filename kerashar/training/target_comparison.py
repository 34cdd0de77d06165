"""Which way to predict a number: as it is, or as classes."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np

from kerashar import backend
from kerashar.data.progress import show_progress
from kerashar.data.sampling import balanced_class_weights
from kerashar.files import write_csv
from kerashar.layers import ClassificationHead, OrdinalHead, RegressionHead
from kerashar.layers.head import Head
from kerashar.losses import create_loss
from kerashar.models import HeadedModel
from kerashar.training.continuous_metrics import ContinuousMetrics
from kerashar.training.evaluation import predict_logits
from kerashar.training.recipe import Recipe
from kerashar.training.recipe_parts import recipe_optimizer
from kerashar.training.shuffled_batches import ShuffledBatches
from kerashar.training.target_bins import TargetBins

Side = tuple[np.ndarray, np.ndarray]
USED_SETTINGS = {
    "model",
    "model_settings",
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "warmup_share",
    "clip_norm",
    "seed",
}


def compare_targets(
    recipe: Recipe, training: Side, validation: Side, bins: TargetBins, folder: Path | str | None = None
) -> dict[str, ContinuousMetrics]:
    """Predict one number in four ways, each by the same backbone with the same budget on the same samples.

    Use it before settling on a regressor or a classifier for a target that is a number. The four are a regressor
    (`RegressionHead` clamped to the range, squared error), a classifier of the binned target (cross-entropy), the same
    with balanced class weights, and an `OrdinalHead` with the ordinal loss. Of the last three the number is read twice:
    as the expected value, and as the centre of the most likely class; of the ordinal one, of the median
    class. Each model keeps the weights of its last epoch.

    Args:
        recipe: model and its settings, epochs, batch size, learning rate with its warm-up, weight decay, clipping and
            seed. Other settings are refused; the losses are those above, without label smoothing.
        training: samples `(n, time, channels)` or `(n, height, width, channels)` and their targets `(n,)`.
        validation: the same of subjects that are not in `training`; what is measured.
        bins: range and classes of the target. The width of a class is also the error that `within_width` lets pass.
        folder: where `comparison.csv` goes; None keeps nothing.

    Returns:
        By the way of predicting, such as `"ordinal, expected value"`, its figures.

    Raises:
        ValueError: targets outside the range, samples that don't fit them, or a recipe with other settings.

    Example:
        >>> bins = TargetBins(0.0, 90.0, width=0.05)  # doctest: +SKIP
        >>> figures = compare_targets(Recipe(), training, validation, bins, "runs/angle")  # doctest: +SKIP
        >>> figures["regressor"].mean_absolute_error  # doctest: +SKIP
    """
    ignored = sorted(set(recipe.changed()) - USED_SETTINGS)
    if ignored:
        raise ValueError(
            f"Expected a recipe that sets no more than {', '.join(sorted(USED_SETTINGS))}: the rest is the same for "
            "all four. "
            f"Received: {', '.join(f'{name}={getattr(recipe, name)!r}' for name in ignored)}."
        )
    for name, (samples, targets) in {"training": training, "validation": validation}.items():
        if len(samples) != len(targets) or not len(samples):
            raise ValueError(f"Expected a target for each sample of {name}. Received: {len(samples)}, {len(targets)}.")
        bins.shares(targets)  # refuses targets outside before hours of training
    weights = balanced_class_weights(bins.classes(training[1]), bins.count)
    one_hot = bins.one_hot(training[1])
    # Shares of the range, so that the recipe's clipping means the same whatever the target's unit.
    shares = bins.shares(training[1])[:, None].astype("float32")
    of_shares = {"": lambda outputs: bins.low + (bins.high - bins.low) * outputs[:, 0].astype(np.float64)}
    of_classes = {", expected value": bins.expected, ", most likely class": bins.most_likely}
    of_ranks = {", expected value": bins.expected, ", median class": bins.median}
    classifier = ClassificationHead(bins.count)
    ways: list[tuple[str, Head, keras.losses.Loss, np.ndarray, Mapping[str, Callable[[np.ndarray], np.ndarray]]]] = [
        ("regressor", RegressionHead(bound="clamp"), create_loss("mean_squared_error"), shares, of_shares),
        ("classifier", classifier, create_loss("cross_entropy"), one_hot, of_classes),
        ("weighted classifier", classifier, create_loss("cross_entropy", class_weights=weights), one_hot, of_classes),
        ("ordinal", OrdinalHead(bins.count), create_loss("ordinal"), one_hot, of_ranks),
    ]
    width = (bins.high - bins.low) * bins.width
    figures = {}
    for name, head, loss, targets, reads in show_progress(ways, "Comparing targets", len(ways), sys.stderr):
        model = _fitted(recipe, head, loss, training[0], targets)
        outputs = predict_logits(model, validation[0])
        for how, read in reads.items():
            figures[f"{name}{how}"] = ContinuousMetrics.of(read(outputs), validation[1], width)
    if folder is not None:
        rows = [{"predicted_by": name, **metrics.to_json()} for name, metrics in figures.items()]
        write_csv(Path(folder) / "comparison.csv", rows)
    return figures


def _fitted(
    recipe: Recipe, head: Head, loss: keras.losses.Loss, samples: np.ndarray, targets: np.ndarray
) -> HeadedModel:
    keras.utils.set_random_seed(recipe.seed)
    model = HeadedModel(samples.shape[1:], head, recipe.model, recipe.model_settings)
    model.fit_normalization(samples)
    batches = ShuffledBatches(samples, targets, recipe.batch_size, recipe.seed)
    optimizer = recipe_optimizer(recipe, model, steps=recipe.epochs * len(batches))
    model.compile(optimizer=optimizer, loss=loss, jit_compile=backend.jit_compile())
    # The batches shuffle themselves, so that the seed gives the same order again on each backend.
    losses = model.fit(batches, epochs=recipe.epochs, shuffle=False, verbose=0).history["loss"]
    if not np.isfinite(losses).all():
        raise ValueError(
            f"Expected a finite loss. Received: {losses}. The training has diverged: lower learning_rate or clip_norm."
        )
    return model
