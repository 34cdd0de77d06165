"""A log in plain files."""

import csv
from pathlib import Path
from typing import Any

from kerashar.callbacks.run_log import RunLog
from kerashar.files import write_csv


class CSVLog(RunLog):
    """Keeps `history.csv`, a line for each epoch, and `test.csv`, a line for each look at the test windows.

    Use it in every run. The files are whole after each epoch; a run that resumes continues them, and an epoch that is
    trained again replaces its line.

    Args:
        folder: where to; made if it is missing.

    Example:
        >>> import keras, numpy as np, tempfile
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> log = CSVLog(tempfile.mkdtemp())
        >>> history = model.fit(np.ones((4, 2)), np.ones(4), epochs=2, callbacks=[log], verbose=0)
        >>> (log.folder / "history.csv").read_text().splitlines()[0]
        'epoch,loss,learning_rate,seconds'
    """

    def start(self, first_epoch: int | None) -> None:
        path = self.folder / "history.csv"
        self.rows = [] if first_epoch == 1 else _read(path)

    def log_epoch(self, epoch: int, figures: dict[str, float]) -> None:
        kept = [row for row in self.rows if int(row["epoch"]) < epoch]
        self.rows = [*kept, {"epoch": epoch, **figures}]
        _write(self.folder / "history.csv", self.rows)

    def log_figures(self, figures: dict[str, float]) -> None:
        path = self.folder / "test.csv"
        _write(path, [*_read(path), figures])

    def finish(self, failed: bool) -> None:
        """Nothing is left to do: the files are whole."""


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))  # not each epoch has all figures
    write_csv(path, [{name: row.get(name, "") for name in names} for row in rows])
