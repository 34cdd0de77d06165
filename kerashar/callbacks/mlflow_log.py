"""A log in MLflow."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerashar.callbacks.run_log import RunLog
from kerashar.callbacks.tracking_library import tracking_library
from kerashar.files import write_json

ARTIFACTS = ("recipe.json", "history.csv", "model.keras")


class MLflowLog(RunLog):
    """Records a run in MLflow: the recipe as parameters, figures by epoch, model and recipe as artifacts.

    Use it to compare runs: `mlflow ui --backend-store-uri sqlite:///runs/mlflow.db` for runs in `runs`, with the whole
    `mlflow` installed. A run that resumes continues its MLflow run, whose name `mlflow.json` in the folder keeps.

    Args:
        folder: the run's. What it holds at the end of `recipe.json`, `history.csv` and `model.keras` is kept.
        recipe: settings of the run as plain data.
        tracking_uri: of another store, such as a server. Defaults to `mlflow.db` beside the run's folder, so that
            runs in one folder can be compared.
        experiment: what the run belongs to; made if it is missing. Defaults to `"kerashar"`.

    Raises:
        ImportError: MLflow is missing.
    """

    def __init__(
        self,
        folder: Path | str,
        recipe: Mapping[str, Any] | None = None,
        tracking_uri: str | None = None,
        experiment: str = "kerashar",
    ) -> None:
        super().__init__(folder)
        self.library = tracking_library("mlflow")
        self.recipe = dict(recipe or {})
        self.tracking_uri = tracking_uri
        self.experiment = experiment

    def start(self, first_epoch: int | None) -> None:
        shared = self.folder.resolve().parent
        shared.mkdir(parents=True, exist_ok=True)
        self.client = self.library.MlflowClient(self.tracking_uri or f"sqlite:///{shared / 'mlflow.db'}")
        note = self.folder / "mlflow.json"
        self.run_id = json.loads(note.read_text(encoding="utf-8"))["run_id"] if note.exists() else None
        if first_epoch == 1 and self.run_id is not None and self.client.get_run(self.run_id).data.metrics:
            self.run_id = None
        if self.run_id is None:
            self.run_id = self._new_run(shared)
            write_json(note, {"run_id": self.run_id})
        self.client.update_run(self.run_id, status="RUNNING")
        self.logged = {point.step for point in self.client.get_metric_history(self.run_id, "seconds")}

    def log_epoch(self, epoch: int, figures: dict[str, float]) -> None:
        if epoch not in self.logged:  # else MLflow would keep both
            self._log(figures, epoch)

    def log_figures(self, figures: dict[str, float]) -> None:
        self._log(figures, 0)

    def finish(self, failed: bool) -> None:
        for name in ARTIFACTS:
            if not failed and (self.folder / name).exists():
                self.client.log_artifact(self.run_id, str(self.folder / name))
        self.client.set_terminated(self.run_id, "FAILED" if failed else "FINISHED")

    def _new_run(self, shared: Path) -> str:
        known = self.client.get_experiment_by_name(self.experiment)
        if known is None:
            place = None if self.tracking_uri else (shared / "mlflow-artifacts").as_uri()
            experiment = self.client.create_experiment(self.experiment, place)
        else:
            experiment = known.experiment_id
        run_id = self.client.create_run(experiment, run_name=self.folder.name).info.run_id
        parameters = [self.library.entities.Param(name, str(value)) for name, value in _flat(self.recipe).items()]
        self.client.log_batch(run_id, params=parameters)
        return run_id

    def _log(self, figures: dict[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        metrics = [self.library.entities.Metric(name, value, now, step) for name, value in figures.items()]
        self.client.log_batch(self.run_id, metrics=metrics)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings inside settings under names such as `model_settings.hidden`."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {prefix + name: value}
    return flat
