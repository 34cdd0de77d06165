"""An objective that trains nothing: curves that follow from the settings, and a checkpoint in each trial's folder.

It keeps count of the epochs that it worked for, so that a test sees what was done twice.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from kerashar.files import append_line, write_json
from kerashar.search import LogUniform, Uniform
from kerashar.search.engine import Resources, run_trials
from kerashar.search.history import History
from kerashar.search.settings import SearchSettings
from kerashar.search.worker import Reports

EPOCHS = 9
SPACE: dict[str, dict[str, Any]] = {
    "model": {"peak": Uniform(0.2, 0.9)},
    "training": {"learning_rate": LogUniform(1e-4, 1e-1), "epochs": EPOCHS},
}


def warm(backend: str) -> None:
    """Nothing to import."""


def score(settings: dict[str, Any], epoch: int) -> float:
    """A curve towards `peak`, the steeper the nearer the learning rate is to 0.01."""
    speed = np.exp(-abs(np.log10(settings["training.learning_rate"]) + 2))
    return float(settings["model.peak"] * (1 - np.exp(-speed * epoch)))


def run(job: dict[str, Any], reports: Reports) -> None:
    """Epochs of a fixed time, each of them kept."""
    folder, how = Path(job["folder"]) / "trials" / job["trial"], job["arguments"]
    kept = folder / "checkpoint.npz"  # the name of a real one, which take-overs copy
    if job["clone"] and not (folder / f"taken-{job['generation']}").exists():
        kept.write_bytes((folder / job["clone"]).read_bytes())
        (folder / f"taken-{job['generation']}").touch()
    where = {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "RAY_RAYLET_PID")}
    write_json(folder / "where.json", {**where, "began": time.time()})
    scores = json.loads(kept.read_text()) if kept.exists() else []
    for epoch, figure in enumerate(scores, start=1):
        reports.epoch(epoch, _figures(figure))
    if how.get("fail") == job["trial"]:
        raise ValueError("made to fail")
    if how.get("too_large") and job["settings"].get("training.batch_size", 64) > how["too_large"]:
        raise MemoryError("made too large")
    for epoch in range(len(scores) + 1, EPOCHS + 1):
        append_line(folder / "worked.txt", str(epoch))
        time.sleep(how.get("seconds", 0.0))
        died = (folder / "worked.txt").read_text().split().count(str(epoch)) - 1  # so often in this epoch
        if died < how.get("deaths", {}).get(job["trial"], {}).get(str(epoch), 0):
            os.kill(os.getpid(), 9)
        scores.append(score(job["settings"], epoch))
        write_json(kept, scores)
        reports.epoch(epoch, _figures(scores[-1]))


def _figures(figure: float) -> dict[str, float]:
    return {"val_macro_f1": figure, "val_loss": 1 - figure, "val_accuracy": figure, "seconds": 0.0}


def settings(trials: int, **changes: Any) -> SearchSettings:
    """A search of the stand-in."""
    given: dict[str, Any] = {
        "model": "stand_in",
        "space": SPACE,
        "trials": trials,
        "backends": ("torch",),
        "seed": 0,
        "grace_period": 1,
        "reduction_factor": 3,
        "data": None,
        "fingerprint": "none",
        "searcher": "random",
        **changes,
    }
    return SearchSettings(**given)


def run_stand_in(
    folder: Path,
    trials: int,
    resources: Resources | None = None,
    how: dict[str, Any] | None = None,
    console: Console | None = None,
    **changes: Any,
) -> History:
    """Run, or resume, a search of the stand-in."""
    folder.mkdir(parents=True, exist_ok=True)
    return run_trials(settings(trials, **changes), folder, "tests.search.stand_in", None, resources, console, how)
