"""A log in Weights & Biases."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from kerashar.callbacks.run_log import RunLog
from kerashar.callbacks.tracking_library import tracking_library
from kerashar.files import write_json


class WandbLog(RunLog):
    """Records a run for Weights & Biases, offline: the recipe as config, figures by epoch, test figures as summary.

    Use it where others read your runs there: `wandb sync FOLDER/wandb/offline-run-*` uploads them when you want. No
    network or login is needed before. A run that resumes writes another such folder of the same W&B run, whose name
    `wandb.json` in the folder keeps.

    Args:
        folder: the run's; W&B's own folder `wandb` goes into it.
        recipe: settings of the run as plain data.
        project: what the run belongs to. Defaults to `"kerashar"`.

    Raises:
        ImportError: W&B is missing.
    """

    def __init__(self, folder: Path | str, recipe: Mapping[str, Any] | None = None, project: str = "kerashar") -> None:
        super().__init__(folder)
        self.library = tracking_library("wandb")
        self.recipe = dict(recipe or {})
        self.project = project

    def start(self, first_epoch: int | None) -> None:
        note = self.folder / "wandb.json"
        if first_epoch == 1 or not note.exists():
            write_json(note, {"run_id": uuid4().hex[:8]})
        # Neither what the terminal shows nor the program's source belongs to the run.
        settings = self.library.Settings(silent=True, console="off", disable_git=True, disable_code=True)
        self.run = self.library.init(
            project=self.project,
            id=json.loads(note.read_text(encoding="utf-8"))["run_id"],
            name=self.folder.resolve().name,
            config=self.recipe,
            dir=str(self.folder),
            mode="offline",
            reinit="create_new",
            settings=settings,
        )

    def log_epoch(self, epoch: int, figures: dict[str, float]) -> None:
        self.run.log(figures, step=epoch, commit=True)

    def log_figures(self, figures: dict[str, float]) -> None:
        self.run.summary.update(figures)

    def finish(self, failed: bool) -> None:
        self.run.finish(exit_code=int(failed))
