"""All that a recipe's training needs: model, optimizer, loss, batches and checkpoint."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar import backend
from kerashar.callbacks import Checkpoint
from kerashar.callbacks.checkpoint import EpochHook
from kerashar.callbacks.plateau import Plateau
from kerashar.data import WindowSet, nested_fraction
from kerashar.data.sample_set import SampleSet
from kerashar.features import Augmentation, FeatureStack, Mixing, create_augmentations, create_features
from kerashar.models import FeatureModel, create_model, load_model
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.ridge_model import RidgeModel
from kerashar.training.initialize import initialize
from kerashar.training.input_cards import card_of
from kerashar.training.recipe import Recipe
from kerashar.training.recipe_parts import recipe_loss, recipe_optimizer
from kerashar.training.sensor_triples import sensor_triples
from kerashar.training.shuffled_batches import ShuffledBatches
from kerashar.training.sides import TrainingSides
from kerashar.training.transfer import freeze_below, start_from, weights_digest

# What a model fitted in closed form, in one pass, has no use for.
_BY_GRADIENTS = (
    *("augmentation", "class_weights", "precision", "ema_momentum", "accumulate", "initializer"),
    *("start", "keep_head", "trained_depth"),
)


@dataclass(frozen=True)
class PreparedRun:
    """The model, the same behind its augmentations, what keeps its state, its data, and a hash of its start."""

    recipe: Recipe
    model: ConfiguredModel
    trained: keras.Model
    checkpoint: Checkpoint
    batches: ShuffledBatches
    start: str | None

    def fit(self, callbacks: Sequence[keras.callbacks.Callback], **validation: Any) -> None:
        """Train from where the checkpoint stands to the end of the recipe; `validation` goes to `keras.Model.fit`."""
        recipe, history = self.recipe, self.checkpoint.history
        lower = [Plateau(history=history, **recipe.plateau_settings)] if recipe.schedule == "plateau" else []
        self.batches.start_at(len(history))
        self.trained.fit(
            self.batches,
            epochs=recipe.epochs,
            initial_epoch=len(history),
            callbacks=[_seed_each_epoch(recipe.seed), *lower, *callbacks],
            shuffle=False,  # the batches shuffle themselves; Keras would draw from a state that no checkpoint holds
            verbose=0,
            **validation,
        )


def prepare(
    recipe: Recipe,
    split: TrainingSides,
    folder: Path | None = None,
    on_epoch: EpochHook | None = None,
    targets: np.ndarray | None = None,
) -> PreparedRun:
    """Build what trains by a recipe on a split; arguments as for `train`."""
    keras.utils.set_random_seed(recipe.seed)
    training, goals = _training_part(recipe, split.train, targets)
    with precision(recipe.precision):
        model = build_model(recipe, training)
        augmentations = create_augmentations(recipe.augmentation, recipe.seed, **_facts(training))
        mixing = [each for each in augmentations if isinstance(each, Mixing)]
        trained = _augmented(model, [each for each in augmentations if each not in mixing])
    model.fit_normalization(training.samples)
    if recipe.initializer:
        initialize(model, recipe.initializer, recipe.seed)
    start = None
    if recipe.start is not None:
        source = _start(recipe, training)
        start = weights_digest(source)
        start_from(model, source, recipe.keep_head)
    if recipe.trained_depth is not None:
        freeze_below(model, recipe.trained_depth)
    batches = ShuffledBatches(training.samples, goals, recipe.batch_size, recipe.seed, mixing)
    loss = recipe_loss(recipe, training.labels, training.num_classes)
    compile_model(trained, recipe, loss, steps=recipe.epochs * len(batches))
    fingerprint = {
        "recipe": recipe.settings(),
        "data": list(fingerprints(split).values()),
        "targets": None if targets is None else hashlib.sha256(targets.tobytes()).hexdigest(),
        "start": start,
        "backend": keras.backend.backend(),
    }
    path = folder and folder / "checkpoint.npz"
    checkpoint = Checkpoint(path, fingerprint, recipe.patience, recipe.patience_start, on_epoch)
    checkpoint.set_model(trained)
    return PreparedRun(recipe, model, trained, checkpoint, batches, start)


def _training_part(recipe: Recipe, training: SampleSet, targets: np.ndarray | None) -> tuple[SampleSet, np.ndarray]:
    """The share of the training samples that the recipe asks for, and what the loss compares the outputs with."""
    if not training.num_classes:
        raise ValueError(
            f"Expected {training.item}s with classes. Received: targets, a number for each. Let the recipe make "
            "classes of them, data_settings={'class_width': 0.1}, or see kerashar.training.compare_targets."
        )
    goals = np.eye(training.num_classes, dtype="float32")[training.labels] if targets is None else targets
    if goals.ndim != 2 or len(goals) != len(training):
        raise ValueError(f"Expected targets ({len(training)}, width). Received: shape={goals.shape}.")
    fraction = recipe.data_settings.get("fraction", 1)
    if fraction == 1:
        return training, goals
    rows = nested_fraction(training.labels, fraction, recipe.seed, training.groups if training.is_grouped else None)
    return training.select(rows), goals[rows]


def _facts(training: SampleSet) -> dict[str, Any]:
    """What augmentations of signals are told of the training windows."""
    if not isinstance(training, WindowSet):
        return {}
    deviation = training.windows.std(axis=(0, 1), dtype=np.float64).tolist()
    return {"channel_deviation": deviation, "triples": sensor_triples(training.channels)}


def _start(recipe: Recipe, training: SampleSet) -> keras.Model:
    """The trained model that the recipe begins with: of a file, or with weights that timm has published."""
    start = str(recipe.start)
    if Path(start).suffix == ".keras":
        return load_model(start)
    return create_model(
        recipe.model, training.sample_shape, training.num_classes, weights=start, **recipe.model_settings
    )


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Layers made inside compute by this policy, and those made later as before."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def build_model(recipe: Recipe, training: SampleSet, num_classes: int | None = None) -> ConfiguredModel:
    """The recipe's model for samples of this shape and these classes, with fresh weights; 0 gives the backbone."""
    classes = training.num_classes if num_classes is None else num_classes
    features = create_features(recipe.features, training.rate if isinstance(training, WindowSet) else None)
    if not features:
        model = create_model(recipe.model, training.sample_shape, classes, **recipe.model_settings)
    else:
        stack = FeatureStack(features, recipe.features_mode)
        model = FeatureModel(training.sample_shape, classes, stack, recipe.model, recipe.model_settings)
    if isinstance(model, RidgeModel):
        for name in sorted(recipe.changed().keys() & set(_BY_GRADIENTS)):
            raise ValueError(
                f"Expected a model that is trained by gradients with {name}. Received: model={recipe.model!r}."
            )
    card = card_of(training)
    model.input_card = card if classes else replace(card, class_names=())
    return model


def finished_model(
    model: ConfiguredModel,
    recipe: Recipe,
    training: SampleSet,
    devices: int = 1,
    num_classes: int | None = None,
) -> ConfiguredModel:
    """The trained model in float32, on one device and with nothing frozen: the same as comes out of its file."""
    if recipe.precision == "float32" and devices == 1 and recipe.trained_depth is None:
        return model
    with precision("float32"):
        finished = build_model(recipe, training, num_classes)
    finished.set_weights(model.get_weights())
    return finished


def _augmented(model: ConfiguredModel, augmentations: Sequence[Augmentation]) -> keras.Model:
    """The model behind augmentations, which act in training alone; it shares the weights."""
    if not augmentations:
        return model
    inputs = outputs = keras.Input(model.input_shape[1:])
    for augmentation in augmentations:
        outputs = augmentation(outputs)
    return keras.Model(inputs, model(outputs), name=f"augmented_{model.name}")


def compile_model(model: keras.Model, recipe: Recipe, loss: keras.losses.Loss | None, steps: int) -> None:
    """Compile a model with the recipe's optimizer over so many steps; None for one that adds its loss by itself."""
    if recipe.accumulate > steps:
        raise ValueError(
            f"Expected to accumulate at most the {steps} batches of the run. Received: accumulate={recipe.accumulate}."
        )
    optimizer = recipe_optimizer(recipe, model, steps)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=backend.jit_compile())
    compiled: Any = model.optimizer  # under float16 one that scales the loss around ours
    compiled.build(model.trainable_variables)  # so that a checkpoint finds its variables


def fingerprints(split: TrainingSides) -> dict[str, str]:
    """Hashes of the samples of both sides."""
    return {"train": split.train.fingerprint(), "validation": split.validation.fingerprint()}


def _seed_each_epoch(seed: int) -> keras.callbacks.Callback:
    """Dropout on torch draws from torch's global state, which no checkpoint holds: begin each epoch with its own."""

    def begin(epoch: int, logs: dict[str, Any] | None = None) -> None:
        keras.utils.set_random_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0]))

    return keras.callbacks.LambdaCallback(on_epoch_begin=begin)
