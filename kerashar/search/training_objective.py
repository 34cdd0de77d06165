"""What a search trains by default: a registered model, by a recipe of the trial's settings."""

import json
import os
import time
from pathlib import Path
from typing import Any

from kerashar.choose_backend import choose_backend
from kerashar.files import write_atomically
from kerashar.search.domains import MODEL, unflatten
from kerashar.search.journal import trial_folder
from kerashar.search.worker import Reports

TIMED_CALLS = 30


def warm(backend: str) -> None:
    """Import what training needs."""
    choose_backend(backend)
    import kerashar.training.run  # noqa: F401


def run(job: dict[str, Any], reports: Reports) -> None:
    """Train the trial, or go on with it.

    Args:
        job: the trial; `windows` is where its sides are, and `arguments` hold `model` and `objectives`.
        reports: takes its epochs.
    """
    from kerashar.search.shared_windows import load_sides
    from kerashar.training.run import train

    sides = load_sides(Path(job["windows"]))
    recipe = trial_recipe(job["arguments"]["model"], job["settings"])
    folder = trial_folder(Path(job["folder"]), job["trial"])
    if len(job["arguments"]["objectives"]) > 1 and not job["reached"]:
        reports.measured(**measure(recipe, sides.train))
    train(recipe, sides, folder, reports.epoch, continued=_continued(folder, job, recipe))


def trial_recipe(model: str | list[str], settings: dict[str, Any]) -> Any:
    """The recipe that a trial's flat settings stand for; of several models the one that was drawn."""
    from kerashar.training import Recipe

    groups = unflatten({name: value for name, value in settings.items() if name != "backend"})
    name = settings.get(MODEL, model)
    return Recipe(
        model=name,
        model_settings=groups.get(name, {}) if MODEL in settings else groups["model"],
        features=groups.get("features", {}),
        augmentation=groups.get("augmentation", {}),
        **groups["training"],
    )


def measure(recipe: Any, training: Any) -> dict[str, float]:
    """Parameters of the recipe's model, and the milliseconds that it takes for one sample here."""
    from kerashar.training.prepared_run import build_model

    model = build_model(recipe, training)
    sample = training.samples[:1].astype("float32")
    model.predict(sample, verbose=0)
    times = []
    for _ in range(TIMED_CALLS):
        began = time.perf_counter()
        model.predict_on_batch(sample)
        times.append(time.perf_counter() - began)
    return {"parameters": model.count_params(), "latency_ms": round(1000 * min(times), 3)}


def _continued(folder: Path, job: dict[str, Any], recipe: Any) -> Path | None:
    """The checkpoint of other settings that the trial goes on from, until it has one of its own.

    It is what the trial took over from another, or its own from before it ran out of memory.
    """
    checkpoint, earlier, mark = (folder / name for name in ("checkpoint.npz", "earlier.npz", "generation"))
    generation = str(job["generation"])
    if job["clone"] is not None and (not mark.exists() or mark.read_text() != generation):
        for old in (checkpoint, earlier):
            old.unlink(missing_ok=True)
        write_atomically(mark, lambda temporary: temporary.write_text(generation))
    if checkpoint.exists():
        before = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        if type(recipe).from_json(before).settings() != recipe.settings():
            os.replace(checkpoint, earlier)
    if earlier.exists():
        return earlier
    return None if job["clone"] is None else folder / job["clone"]
