"""A training whose steps several devices share."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar import backend
from kerashar.data.group_split import rebuild
from kerashar.data.sample_set import SampleSet
from kerashar.files import write_json
from kerashar.models.ridge_model import RidgeModel
from kerashar.training.prepared_run import PreparedRun, prepare
from kerashar.training.recipe import Recipe
from kerashar.training.sides import Sides, TrainingSides

Callbacks = list[keras.callbacks.Callback]


@contextmanager
def shared_training(
    run: PreparedRun, split: TrainingSides, targets: np.ndarray | None, devices: int
) -> Iterator[tuple[Callbacks, Callbacks]]:
    """Let several devices share the steps of a `run.fit` inside, and give the callbacks that go first and last in it.

    JAX and TensorFlow drive their devices from this process. On torch each other device gets a helping process, which
    prepares the same run, takes its state from this one, and goes through the same epochs: it has an equal share of
    each batch, and before each update all average their gradients.

    Raises:
        ValueError: batches that can't be shared evenly, or a model fitted in closed form.
        OSError: a helping process didn't start.
    """
    if devices == 1:
        yield [], []
        return
    if isinstance(run.model, RidgeModel):
        raise ValueError(f"Expected a model trained by gradients on {devices} devices. Received: {run.recipe.model!r}.")
    size = run.batches.batch_size
    if size % devices:
        raise ValueError(
            f"Expected batches that {devices} devices can share evenly. Received: {size} {split.train.item}s."
        )
    backend.average_gradients(run.trained.optimizer)
    if not backend.devices_are_processes():
        yield [], []
        return
    with tempfile.TemporaryDirectory(prefix="kerashar-") as folder:
        _write_job(Path(folder), run, split.train, targets)
        command = [sys.executable, "-m", "kerashar.training.shared_training", folder, str(devices)]
        environment = {**os.environ, "KERAS_BACKEND": keras.backend.backend()}
        helpers = [subprocess.Popen([*command, str(rank)], env=environment) for rank in range(1, devices)]
        try:
            _wait_until_ready(helpers, Path(folder))
            with backend.join_processes(0, devices, Path(folder) / "meeting"):
                run.batches.share = (0, devices)
                backend.take_from_first(_state(run))
                yield [_MeanLoss()], [_Lead()]
        finally:
            for helper in helpers:
                helper.kill()
                helper.wait()


def help_training(folder: Path, devices: int, rank: int) -> None:
    """What a helping process does from its start to its end."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "job.npz", allow_pickle=False) as arrays:
        targets = arrays.get("targets")
        samples = rebuild(job["item"], {name: arrays[name] for name in job["arrays"]}, job["facts"])
    sides = Sides(samples, samples)  # helping processes validate nothing
    run = prepare(Recipe.from_json(job["recipe"]), sides, targets=targets)
    run.checkpoint.history[:] = job["history"]
    run.batches.share = (rank, devices)
    (folder / f"ready-{rank}").touch()
    with backend.join_processes(rank, devices, folder / "meeting"):
        backend.average_gradients(run.trained.optimizer)
        backend.take_from_first(_state(run))
        run.fit([_MeanLoss(), _Follow(run.checkpoint.history)])


def _wait_until_ready(helpers: list[subprocess.Popen[bytes]], folder: Path) -> None:
    """Else this process would wait for half an hour for one that has failed."""
    while not all((folder / f"ready-{rank}").exists() for rank in range(1, len(helpers) + 1)):
        if ended := [helper.returncode for helper in helpers if helper.poll() is not None]:
            raise ChildProcessError(f"A helping process of the training ended at its start, with code {ended[0]}.")
        time.sleep(0.02)


class _MeanLoss(keras.callbacks.Callback):
    """Puts the mean loss of all processes in place of the own one's."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        (logs["loss"],) = backend.tell_processes([float(logs["loss"])], mean=True)


class _Lead(keras.callbacks.Callback):
    """Tells the helping processes what an epoch was worth, and whether it was the last."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        backend.tell_processes([logs["val_macro_f1"], logs["val_loss"], float(self.model.stop_training)])


class _Follow(keras.callbacks.Callback):
    """Hears from the first process what an epoch was worth, and whether it was the last."""

    def __init__(self, history: list[dict[str, float]]) -> None:
        super().__init__()
        self.history = history

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        score, loss, stop = backend.tell_processes([0.0, 0.0, 0.0])
        self.history.append({"val_macro_f1": score, "val_loss": loss})
        self.model.stop_training = bool(stop)


def _state(run: PreparedRun) -> list[keras.Variable]:
    optimizer: Any = run.trained.optimizer
    return [*run.trained.variables, *optimizer.variables]


def _write_job(folder: Path, run: PreparedRun, training: SampleSet, targets: np.ndarray | None) -> None:
    arrays, facts = training.parts()
    job = {
        "recipe": run.recipe.to_json(),
        "history": run.checkpoint.history,
        "item": training.item,
        "arrays": list(arrays),
        "facts": facts,
    }
    write_json(folder / "job.json", job)
    arrays |= {} if targets is None else {"targets": targets}
    np.savez(folder / "job.npz", **arrays)  # pyright: ignore[reportArgumentType] (its stub takes the names for options)


if __name__ == "__main__":
    help_training(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
