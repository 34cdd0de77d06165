"""The training function: one recipe on one split, top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from kerashar import backend
from kerashar.callbacks import Snapshots, Validation
from kerashar.callbacks.checkpoint import EpochHook
from kerashar.files import write_csv, write_json
from kerashar.models import save_model
from kerashar.training.evaluation import evaluate
from kerashar.training.metrics import Metrics
from kerashar.training.prepared_run import fingerprints, finished_model, prepare
from kerashar.training.recipe import Recipe
from kerashar.training.shared_training import shared_training
from kerashar.training.sides import TrainingSides


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
    targets: np.ndarray | None = None,
    devices: int = 1,
    continued: Path | None = None,
    snapshots_every: int | None = None,
) -> TrainingResult:
    """Train a model on the training windows and keep its best epoch on the validation windows.

    Use it for a single run; a search calls it for each trial. The test windows are not touched: call `look_at_test` on
    them once, when all choices are made.

    Args:
        recipe: the settings of the run. Its data and split say where `split` came from; `recipe_split` loads it.
        split: windows of training and validation subjects.
        folder: where `recipe.json`, `run.json`, `checkpoint.npz`, `history.csv` and `model.keras` go. A run that was
            killed resumes from its checkpoint there, exactly; a finished one is only read again. None keeps nothing.
        on_epoch: called with the number of finished epochs and the figures `loss`, `val_loss`, `val_accuracy`,
            `val_macro_f1`, `learning_rate` and `seconds` once they are on disk, also for the epochs that a resumed run
            finds there; returning True stops the training.
        callbacks: further Keras callbacks for `fit`, such as a progress bar.
        targets: `(training windows, width)`, what the loss gets in place of one-hot labels; for losses that take it.
        devices: how many share each batch, evenly; on torch each belongs to a process of its own. Batch normalisation
            takes its statistics from each device's share, on JAX from the whole batch.
        continued: the checkpoint of a run of the same model that this one goes on from, with settings of its own; the
            folder's own checkpoint comes first.
        snapshots_every: after how many epochs each time the model is kept in the folder, as `Snapshots` does.

    Raises:
        ValueError: an unknown model or setting, settings that contradict each other, a folder that holds another run,
            snapshots without a folder, or a loss that diverges.

    Example:
        >>> from kerashar import Recipe, load_split, train  # doctest: +SKIP
        >>> result = train(Recipe(epochs=2), load_split("watch"))  # doctest: +SKIP
    """
    recipe.check()
    folder = None if folder is None else Path(folder)
    if snapshots_every is not None and folder is None:
        raise ValueError(f"Expected a folder for snapshots. Received: snapshots_every={snapshots_every}, no folder.")
    with backend.across_devices(devices):
        run = prepare(recipe, split, folder, on_epoch, targets)
        checkpoint = run.checkpoint
        finished = checkpoint.restore() or (checkpoint.restore(continued) if continued else 0)
        if folder is not None:  # only now: a folder of another run is refused as it stands
            write_json(folder / "recipe.json", recipe.to_json())
            facts = {"backend": keras.backend.backend(), "keras": keras.__version__, "devices": devices}
            write_json(folder / "run.json", {**facts, "data": fingerprints(split), "start": run.start})
        if finished < recipe.epochs and not checkpoint.stopped:
            measure = Validation(lambda _: evaluate(run.model, split.validation, 256 // devices * devices))
            kept: list[keras.callbacks.Callback] = []
            if folder is not None and snapshots_every is not None:
                finish = partial(finished_model, run.model, recipe, split.train, devices)
                kept.append(Snapshots(folder, snapshots_every, finish))
            with shared_training(run, split, targets, devices) as (first, last):
                run.fit([*first, measure, *kept, checkpoint, *callbacks, *last])
        checkpoint.use_best_weights()
    model = finished_model(run.model, recipe, split.train, devices)
    result = TrainingResult(model, checkpoint.history, checkpoint.best_epoch, evaluate(model, split.validation))
    if folder is not None:
        write_outcome(folder, result.history, model)
    return result


def write_outcome(folder: Path, history: list[dict[str, float]], model: keras.Model) -> None:
    """Write `history.csv` and `model.keras`."""
    epochs = enumerate(history, start=1)
    write_csv(folder / "history.csv", [{"epoch": number, **figures} for number, figures in epochs])
    save_model(model, folder / "model.keras")


def best_model(folder: Path | str, split: TrainingSides) -> keras.Model:
    """The model of a run's best epoch so far, from its `recipe.json` and `checkpoint.npz`.

    Use it for a run that was stopped before its end and so has no `model.keras`.

    Raises:
        ValueError: there is no checkpoint, or it belongs to other data or another backend.
    """
    folder = Path(folder)
    recipe = Recipe.read(folder / "recipe.json")
    run = prepare(recipe, split, folder)
    if not run.checkpoint.restore():
        raise ValueError(f"Expected a run with at least one finished epoch. Received: {folder}.")
    run.checkpoint.use_best_weights()
    return finished_model(run.model, recipe, split.train)
