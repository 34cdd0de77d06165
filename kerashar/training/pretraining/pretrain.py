"""Training a backbone on windows without labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar.callbacks import Checkpoint
from kerashar.callbacks.checkpoint import EpochHook
from kerashar.callbacks.validation import expect_finite
from kerashar.data import WindowSet
from kerashar.data.sampling import shuffled_order
from kerashar.features import Mixing, create_augmentations
from kerashar.files import write_json
from kerashar.models.ridge_model import RidgeModel
from kerashar.training.initialize import initialize
from kerashar.training.prepared_run import (
    PreparedRun,
    build_model,
    compile_model,
    fingerprints,
    finished_model,
    precision,
)
from kerashar.training.pretraining.registry import create_task
from kerashar.training.recipe import Recipe
from kerashar.training.run import write_outcome
from kerashar.training.sensor_triples import sensor_triples
from kerashar.training.shuffled_batches import ShuffledBatches
from kerashar.training.sides import TrainingSides

# What needs labels, or weights that are trained already.
_WITH_LABELS = ("loss", "loss_settings", "class_weights", "start", "keep_head", "trained_depth")


@dataclass(frozen=True)
class PretrainingResult:
    """What a pre-training gives.

    Args:
        backbone: from windows to features `(batch, features)`, with the weights of its best epoch.
        history: `loss` and `val_loss` of the pretext task, `learning_rate` and `seconds` of each epoch.
        best_epoch: number of the epoch, from 1, with the lowest `val_loss`.
    """

    backbone: keras.Model
    history: list[dict[str, float]]
    best_epoch: int


def pretrain(
    recipe: Recipe,
    sides: TrainingSides,
    folder: Path | str | None = None,
    task: str = "contrastive",
    task_settings: dict[str, Any] | None = None,
    on_epoch: EpochHook | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> PretrainingResult:
    """Train a recipe's model without its head on windows whose labels nobody reads.

    Use it where labels are few and recordings many; then train with a recipe whose `start` is `model.keras` of the
    folder, or with `fine_tune`. `unlabelled_sides` gives windows of whole recordings, also where they have no labels.

    Args:
        recipe: of its settings those of the model, features, augmentation, optimiser, schedule, precision, epochs,
            patience and seed count. Those of loss and labels have to stay at their defaults.
        sides: windows of subjects to train and to validate by. The test subjects must be in neither.
        folder: where `recipe.json`, `pretraining.json`, `checkpoint.npz`, `history.csv` and `model.keras` go. A run
            that was killed resumes from its checkpoint there; a finished one is only read again. None keeps nothing.
        task: `"contrastive"`: see `Contrastive`; or `"masked"`: see `MaskedReconstruction`.
        task_settings: the task's own arguments.
        on_epoch: called with the number of finished epochs and the epoch's figures; returning True stops.
        callbacks: further Keras callbacks for `fit`.

    Raises:
        ValueError: an unknown task or setting, a recipe with settings of labels or with an augmentation that mixes
            labels, a model that doesn't fit the task, a folder that holds another run, or a loss that diverges.

    Example:
        >>> from kerashar.training import unlabelled_sides
        >>> recipe = Recipe(data="watch", epochs=20)  # doctest: +SKIP
        >>> pretrain(recipe, unlabelled_sides(recipe), "runs/pretrained")  # doctest: +SKIP
    """
    recipe.check()
    for name in sorted(recipe.changed().keys() & set(_WITH_LABELS)):
        raise ValueError(f"Expected {name} at its default without labels. Received: {name}={getattr(recipe, name)!r}.")
    pretext = create_task(task, **task_settings or {})
    folder = None if folder is None else Path(folder)
    training, validation = _windows(sides)
    keras.utils.set_random_seed(recipe.seed)
    augmentation = recipe.augmentation or pretext.augmentation(training)
    with precision(recipe.precision):
        backbone = build_model(recipe, training, num_classes=0)
        if isinstance(backbone, RidgeModel):
            raise ValueError(f"Expected a model that is trained by gradients. Received: model={recipe.model!r}.")
        network = pretext.network(backbone, training, _Views(augmentation, recipe.seed, training), recipe.seed)
    backbone.fit_normalization(training.windows)
    if recipe.initializer:
        initialize(network, recipe.initializer, recipe.seed)
    batches = ShuffledBatches(training.windows, _no_targets(training.windows), recipe.batch_size, recipe.seed)
    size, fitting = _full_batches(validation.windows, recipe)
    compile_model(network, recipe, None, steps=recipe.epochs * len(batches))

    how = {"task": task, "task_settings": task_settings or {}, "augmentation": augmentation}
    fingerprint = {
        "recipe": recipe.settings(),
        "pretext task": how,
        "data": list(fingerprints(sides).values()),
        "backend": keras.backend.backend(),
    }
    path = folder and folder / "checkpoint.npz"
    checkpoint = Checkpoint(path, fingerprint, recipe.patience, recipe.patience_start, on_epoch)
    checkpoint.set_model(network)
    finished = checkpoint.restore()
    if folder is not None:  # only now: a folder of another run is refused as it stands
        write_json(folder / "recipe.json", recipe.to_json())
        write_json(folder / "pretraining.json", {**how, "backend": keras.backend.backend()})
    if finished < recipe.epochs and not checkpoint.stopped:
        run = PreparedRun(recipe, backbone, network, checkpoint, batches, start=None)
        seen = (fitting, _no_targets(fitting))
        run.fit([_expect_finite(), checkpoint, *callbacks], validation_data=seen, validation_batch_size=size)
    checkpoint.use_best_weights()
    backbone = finished_model(backbone, recipe, training, num_classes=0)
    if folder is not None:
        write_outcome(folder, checkpoint.history, backbone)
    return PretrainingResult(backbone, checkpoint.history, checkpoint.best_epoch)


def _windows(sides: TrainingSides) -> tuple[WindowSet, WindowSet]:
    """Both sides, as long as they are windows: the tasks hide stretches of time, or turn sensors."""
    training, validation = sides.train, sides.validation
    if not isinstance(training, WindowSet) or not isinstance(validation, WindowSet):
        raise ValueError(f"Expected windows to pre-train on. Received: {training.item}s.")
    return training, validation


class _Views:
    """Augments symbolic windows, outside of training too; each view has draws of its own."""

    def __init__(self, settings: dict[str, Any], seed: int, training: WindowSet) -> None:
        self.settings = settings
        self.seed = seed
        self.deviation = training.windows.std(axis=(0, 1), dtype=np.float64).tolist()
        self.triples = sensor_triples(training.channels)

    def __call__(self, windows: Any, view: int) -> Any:
        seed = int(np.random.SeedSequence([self.seed, view]).generate_state(1)[0] % 2**31)
        for augmentation in create_augmentations(self.settings, seed, self.deviation, self.triples):
            if isinstance(augmentation, Mixing):
                raise ValueError(
                    f"Expected augmentations that need no labels. Received: augmentation={sorted(self.settings)}."
                )
            windows = augmentation(windows, training=True)
        return windows


def _no_targets(windows: np.ndarray) -> np.ndarray:
    return np.zeros((len(windows), 1), "float32")  # the network has its loss within


def _full_batches(windows: np.ndarray, recipe: Recipe) -> tuple[int, np.ndarray]:
    """Windows that fill batches, and the batches' size; in an order for all epochs that mixes subjects."""
    size = min(recipe.batch_size, len(windows))
    order = shuffled_order(len(windows), recipe.seed, 0)
    return size, windows[order[: len(windows) // size * size]]


def _expect_finite() -> keras.callbacks.Callback:
    def check(epoch: int, logs: dict[str, Any] | None = None) -> None:
        expect_finite((logs or {})["loss"], epoch)

    return keras.callbacks.LambdaCallback(on_epoch_end=check)
