"""Exact resume, best weights and early stopping."""

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar.callbacks.averaged_weights import averaged_weights
from kerashar.files import write_atomically
from kerashar.training.metrics import rank_epoch

EpochHook = Callable[[int, dict[str, float]], bool | None]


class Checkpoint(keras.callbacks.Callback):
    """Keeps the best weights, stops when patience is over, and writes the whole state to a file after each epoch.

    Use it where a run may be killed: `restore()` before `fit` brings weights, optimiser, random state, history and
    best weights back, so that the run ends as if it had been left alone. The file is a NumPy archive without
    pickled objects, written aside and renamed. Of an optimizer that averages the weights the averages are the best
    weights, and the file holds both.

    Args:
        path: the checkpoint, or None to keep nothing on disk.
        fingerprint: what the run is made of (recipe, data, backend); a checkpoint of another run is refused.
        patience: epochs without a better `val_macro_f1` after which training stops.
        patience_start: epochs ahead of the first that patience counts. Defaults to 0.
        on_epoch: called with the number of finished epochs and the epoch's figures once they are on disk, restored
            ones included; returning True stops training.

    Raises:
        ValueError: `restore` finds a checkpoint of another run or a damaged one.
    """

    def __init__(
        self,
        path: Path | None,
        fingerprint: dict[str, Any],
        patience: int,
        patience_start: int = 0,
        on_epoch: EpochHook | None = None,
    ) -> None:
        super().__init__()
        self.path = path
        self.fingerprint = fingerprint
        self.patience = patience
        self.patience_start = patience_start
        self.on_epoch = on_epoch
        self.history: list[dict[str, float]] = []
        self.best_epoch = 0
        self.best_weights: list[np.ndarray] = []
        self.stopped = False

    def restore(self, other: Path | None = None) -> int:
        """Bring the state back and return the number of finished epochs; 0 where there is no checkpoint.

        Args:
            other: a checkpoint to go on from in its place, whatever the settings it was trained with.
        """
        path = other or self.path
        if path is None or not path.exists():
            return 0
        arrays = _read(path)
        state = json.loads(arrays["state"].tobytes())
        if other is None and state["fingerprint"] != self.fingerprint:
            changed = sorted(key for key in self.fingerprint if state["fingerprint"].get(key) != self.fingerprint[key])
            raise ValueError(
                f"Expected {path} to belong to this run. Received: a checkpoint with another "
                f"{', '.join(changed)}. Choose a new folder, or delete that one to start again."
            )
        if other is not None and state.get("shrunk"):
            raise ValueError(
                f"Expected {path} to hold all that a run goes on from. Received: the checkpoint of a finished run, of "
                "which `kerashar runs clean` has left the best weights alone."
            )
        # A finished run is only read again, for which the best weights are enough.
        groups = {"best": self.model.weights} if state.get("shrunk") else self._variables()
        kept = sum(key.startswith("optimizer/") for key in arrays)
        if other is not None and kept < len(groups["optimizer"]):
            # The other run used the gradient of each batch at once; this one begins to collect them.
            slots = [each for each in groups["optimizer"] if not each.path.endswith("gradient_accumulator")]
            groups = {**groups, "optimizer": slots}
        for name, variables in groups.items():
            for index, variable in enumerate(variables):
                value = arrays.get(f"{name}/{index}")
                if value is None or value.shape != tuple(variable.shape):
                    raise ValueError(
                        f"Expected {path} to fit this version of the model. Received: another {variable.path}. "
                        "Delete it to start again."
                    )
                variable.assign(value)
        self.best_weights = [arrays[f"best/{index}"] for index in range(len(self.model.weights))]
        self.history[:] = state["history"]  # the same list, which other callbacks read
        self.best_epoch = state["best_epoch"]
        self.stopped = state["stopped"]
        if self.on_epoch:
            for finished, figures in enumerate(self.history, start=1):
                self.stopped = bool(self.on_epoch(finished, figures)) or self.stopped
        return len(self.history)

    def use_best_weights(self) -> None:
        """Give the model the weights of its best epoch."""
        self.model.set_weights(self.best_weights)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        figures = {name: float(value) for name, value in (logs or {}).items()}
        figures["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        figures["seconds"] = time.perf_counter() - self.began
        self.history.append(figures)
        if not self.best_epoch or rank_epoch(figures) > rank_epoch(self.history[self.best_epoch - 1]):
            self.best_epoch = len(self.history)
            with averaged_weights(self.model):
                self.best_weights = self.model.get_weights()
        self.stopped = len(self.history) - max(self.best_epoch, self.patience_start) >= self.patience
        if self.path is not None:
            write_atomically(self.path, self._write)
        asked = self.on_epoch(len(self.history), figures) if self.on_epoch else False
        self.model.stop_training = self.stopped or bool(asked)

    def _variables(self) -> dict[str, list[Any]]:
        # model.variables holds the random state of dropout besides the weights.
        return {"model": self.model.variables, "optimizer": self.model.optimizer.variables}

    def _write(self, path: Path) -> None:
        state = {
            "fingerprint": self.fingerprint,
            "history": self.history,
            "best_epoch": self.best_epoch,
            "stopped": self.stopped,
        }
        arrays = {"state": np.frombuffer(json.dumps(state).encode(), np.uint8)}
        for name, variables in self._variables().items():
            for index, variable in enumerate(variables):
                arrays[f"{name}/{index}"] = keras.ops.convert_to_numpy(variable)
        for index, weights in enumerate(self.best_weights):
            arrays[f"best/{index}"] = weights
        np.savez(path, **arrays)  # pyright: ignore[reportArgumentType] (its stub takes the names for options)


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return dict(archive)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"Expected {path} to be a checkpoint. Received: {error}. Delete it to start again.") from error
