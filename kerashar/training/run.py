"""The training function: one recipe on one split, top to bottom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from kerashar import backend
from kerashar.callbacks import Checkpoint, Validation
from kerashar.callbacks.checkpoint import EpochHook
from kerashar.data import WindowSet
from kerashar.features import Augmentation, FeatureStack, Mixing, create_augmentations, create_features
from kerashar.files import write_csv, write_json
from kerashar.models import FeatureModel, create_model, save_model
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.ridge_model import RidgeModel
from kerashar.training.evaluation import evaluate
from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe
from kerashar.training.shuffled_batches import ShuffledBatches


class TrainingSides(Protocol):
    """What training reads of a `SubjectSplit`: a search hands its trials these two sides and keeps the third."""

    @property
    def train(self) -> WindowSet: ...
    @property
    def validation(self) -> WindowSet: ...


@dataclass(frozen=True)
class TrainingResult:
    """What a training run gives.

    Args:
        model: the model with the weights of its best epoch.
        history: figures of each epoch.
        best_epoch: number of the epoch, from 1, with the highest macro F1 on the validation windows.
        validation: figures of `model` on the validation windows.
    """

    model: keras.Model
    history: list[dict[str, float]]
    best_epoch: int
    validation: Metrics


def train(
    recipe: Recipe,
    split: TrainingSides,
    folder: Path | str | None = None,
    on_epoch: EpochHook | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> TrainingResult:
    """Train a model on the training windows and keep its best epoch on the validation windows.

    Use it for a single run; a search calls it for each trial. The test windows are not touched: call `evaluate` on
    them once, when all choices are made.

    Args:
        recipe: the settings of the run.
        split: windows of training and validation subjects.
        folder: where `recipe.json`, `checkpoint.npz`, `history.csv` and `model.keras` go. A run that was killed
            resumes from its checkpoint there, exactly; a finished one is only read again. None keeps nothing.
        on_epoch: called with the number of finished epochs and the figures `loss`, `val_loss`, `val_accuracy`,
            `val_macro_f1` and `seconds` once they are on disk, also for the epochs that a resumed run finds there;
            returning True stops the training.
        callbacks: further Keras callbacks for `fit`, such as a progress bar.

    Raises:
        ValueError: an unknown model or setting, a folder that holds another run, or a loss that diverges.

    Example:
        >>> from kerashar import Recipe, load_split, train  # doctest: +SKIP
        >>> result = train(Recipe(epochs=2), load_split("watch"))  # doctest: +SKIP
    """
    folder = None if folder is None else Path(folder)
    model, trained, checkpoint, batches = _prepare(recipe, split, folder, on_epoch)
    finished = checkpoint.restore()
    if folder is not None:  # only now: a folder of another run is refused as it stands
        write_json(folder / "recipe.json", recipe.to_json())
    if finished < recipe.epochs and not checkpoint.stopped:
        batches.start_at(finished)
        measure = Validation(lambda _: evaluate(model, split.validation))
        trained.fit(
            batches,
            epochs=recipe.epochs,
            initial_epoch=finished,
            callbacks=[_seed_each_epoch(recipe.seed), measure, checkpoint, *callbacks],
            shuffle=False,  # the batches shuffle themselves; Keras would draw from a state that no checkpoint holds
            verbose=0,
        )
    checkpoint.use_best_weights()
    result = TrainingResult(model, checkpoint.history, checkpoint.best_epoch, evaluate(model, split.validation))
    if folder is not None:
        epochs = enumerate(result.history, start=1)
        write_csv(folder / "history.csv", [{"epoch": number, **figures} for number, figures in epochs])
        save_model(model, folder / "model.keras")
    return result


def best_model(folder: Path | str, split: TrainingSides) -> keras.Model:
    """The model of a run's best epoch so far, from its `recipe.json` and `checkpoint.npz`.

    Use it for a run that was stopped before its end and so has no `model.keras`.

    Raises:
        ValueError: there is no checkpoint, or it belongs to other data or another backend.
    """
    folder = Path(folder)
    recipe = Recipe.from_json(json.loads((folder / "recipe.json").read_text(encoding="utf-8")))
    model, _, checkpoint, _ = _prepare(recipe, split, folder, on_epoch=None)
    if not checkpoint.restore():
        raise ValueError(f"Expected a run with at least one finished epoch. Received: {folder}.")
    checkpoint.use_best_weights()
    return model


def _prepare(
    recipe: Recipe, split: TrainingSides, folder: Path | None, on_epoch: EpochHook | None
) -> tuple[ConfiguredModel, keras.Model, Checkpoint, ShuffledBatches]:
    """The model, the same behind its augmentations, what keeps its state, and its data."""
    keras.utils.set_random_seed(recipe.seed)
    training = split.train
    model = _build_model(recipe, training)
    model.fit_normalization(training.windows)
    deviation = training.windows.std(axis=(0, 1), dtype=np.float64).tolist()
    augmentations = create_augmentations(recipe.augmentation, recipe.seed, deviation, _triples(training.channels))
    mixing = [each for each in augmentations if isinstance(each, Mixing)]
    trained = _augmented(model, [each for each in augmentations if each not in mixing])
    targets = np.eye(training.num_classes, dtype="float32")[training.labels]
    batches = ShuffledBatches(training.windows, targets, recipe.batch_size, recipe.seed, mixing)
    _compile(trained, recipe, steps=recipe.epochs * len(batches))
    data = [split.train.fingerprint(), split.validation.fingerprint()]
    fingerprint = {"recipe": recipe.to_json(), "data": data, "backend": keras.backend.backend()}
    checkpoint = Checkpoint(folder and folder / "checkpoint.npz", fingerprint, recipe.patience, on_epoch)
    checkpoint.set_model(trained)
    return model, trained, checkpoint, batches


def _build_model(recipe: Recipe, training: WindowSet) -> ConfiguredModel:
    features = create_features(recipe.features, training.rate)
    if not features:
        return create_model(recipe.model, training.window_shape, training.num_classes, **recipe.model_settings)
    stack = FeatureStack(features, recipe.features_mode)
    return FeatureModel(training.window_shape, training.num_classes, stack, recipe.model, recipe.model_settings)


def _augmented(model: ConfiguredModel, augmentations: Sequence[Augmentation]) -> keras.Model:
    """The model behind augmentations, which act in training alone; it shares the weights."""
    if not augmentations:
        return model
    if isinstance(model, RidgeModel):
        raise ValueError(f"Expected a model that is trained by gradients with augmentations. Received: {model.name!r}.")
    inputs = outputs = keras.Input(model.input_shape[1:])
    for augmentation in augmentations:
        outputs = augmentation(outputs)
    return keras.Model(inputs, model(outputs), name=f"augmented_{model.name}")


def _triples(channels: Sequence[str]) -> list[tuple[int, ...]] | None:
    """Which channels are the axes of one sensor, by names such as total_acceleration_x, _y, _z."""
    number = {name: index for index, name in enumerate(channels)}
    sensors = [name.removesuffix("_x") for name in channels if name.endswith("_x")]
    triples = [tuple(number.get(f"{sensor}_{axis}", -1) for axis in "xyz") for sensor in sensors]
    return [triple for triple in triples if -1 not in triple] or None


def _compile(model: keras.Model, recipe: Recipe, steps: int) -> None:
    warmup = round(recipe.warmup_share * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else recipe.learning_rate,
        decay_steps=max(1, steps - warmup),
        warmup_target=recipe.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, global_clipnorm=recipe.clip_norm)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=backend.jit_compile())
    optimizer.build(model.trainable_variables)  # so that a checkpoint finds its variables


def _seed_each_epoch(seed: int) -> keras.callbacks.Callback:
    """Dropout on torch draws from torch's global state, which no checkpoint holds: begin each epoch with its own."""

    def begin(epoch: int, logs: dict[str, Any] | None = None) -> None:
        keras.utils.set_random_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0]))

    return keras.callbacks.LambdaCallback(on_epoch_begin=begin)
