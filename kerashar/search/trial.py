"""What runs in a trial's own process."""

import sys
import traceback
from pathlib import Path
from typing import Any

from kerashar.choose_backend import choose_backend


def run_trial(config: dict[str, Any], sides: Any, model: str, folder: str | None = None) -> None:
    """Train one trial and report each epoch: to the journal first, to Ray second.

    Args:
        config: `{"backend": ..., "model": {...}, "training": {...}}`, and where the space has them `"features"` and
            `"augmentation"`; in a search of ours also `"trial"`, its name.
        sides: training and validation windows.
        model: name of the model.
        folder: the search's run folder; None keeps the trial in Ray's own folder, without a journal.
    """
    from filelock import FileLock
    from ray import tune

    from kerashar.search.history import read_trials
    from kerashar.search.journal import Journal

    if folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        own_folder = Path(folder) / "trials" / config["trial"]
    else:
        journal = None
        own_folder = Path(tune.get_context().get_trial_dir() or ".")
    own_folder.mkdir(parents=True, exist_ok=True)
    journaled, score = 0, 0.0

    def on_epoch(epoch: int, metrics: dict[str, float]) -> None:
        nonlocal score
        if journal and epoch > journaled:
            journal.append("report", trial=config["trial"], epoch=epoch, **metrics)
        score = max(score, metrics["val_macro_f1"])
        tune.report({**metrics, "epoch": epoch, "score": score})

    try:
        # A trial's process may outlive a killed driver for a moment: its successor waits for the folder.
        with FileLock(own_folder / "lock", timeout=120):
            if journal:
                reports = read_trials(journal.read())[config["trial"]].reports
                journaled = max((report["epoch"] for report in reports), default=0)
            choose_backend(config["backend"])
            from kerashar.training import Recipe
            from kerashar.training.run import train

            recipe = Recipe(
                model=model,
                model_settings=config["model"],
                features=config.get("features", {}),
                augmentation=config.get("augmentation", {}),
                **config["training"],
            )
            train(recipe, sides, own_folder, on_epoch)
    except Exception as error:
        if journal is None:
            raise
        # Recorded here and not raised: Ray starts a trial again only where its process died.
        text = traceback.format_exc()
        journal.append("failed", trial=config["trial"], error=text)
        print(f"trial {config['trial']} failed: {error}", file=sys.stderr)  # noqa: T201 (Ray's log of the worker)
