"""Logs by the names that the command line uses."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.callbacks.csv_log import CSVLog
from kerashar.callbacks.mlflow_log import MLflowLog
from kerashar.callbacks.run_log import RunLog
from kerashar.callbacks.tensor_board_log import TensorBoardLog
from kerashar.callbacks.wandb_log import WandbLog
from kerashar.names import unknown_name
from kerashar.training.recipe import Recipe

_LOGS: dict[str, Any] = {"mlflow": MLflowLog, "tensorboard": TensorBoardLog, "wandb": WandbLog}


def list_logs() -> list[str]:
    """Names of the logs that a run may have besides its CSV files, sorted."""
    return sorted(_LOGS)


def create_logs(
    names: Sequence[str], folder: Path | str, recipe: Recipe, windows: np.ndarray | None = None
) -> list[RunLog]:
    """Build the logs of a run: the CSV files, and those that are asked for.

    Use each in a `with`, so that it stays open for the test figures and learns of a training that fails.

    Args:
        names: from `list_logs()`; each counts once.
        folder: the run's.
        recipe: of the run.
        windows: a few validation windows for the pictures of TensorBoard; None draws nothing.

    Raises:
        ValueError: an unknown name; the nearest right one is named.
        ImportError: the library of a log is missing.

    Example:
        >>> [type(log).__name__ for log in create_logs([], "run", Recipe())]
        ['CSVLog']
    """
    for name in names:
        if name not in _LOGS:
            raise unknown_name("log", name, _LOGS)
    logs: list[RunLog] = [CSVLog(folder)]
    for name in dict.fromkeys(names):
        pictures = {"windows": windows} if name == "tensorboard" else {}
        logs.append(_LOGS[name](folder, recipe.to_json(), **pictures))
    return logs
