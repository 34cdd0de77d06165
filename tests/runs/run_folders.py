"""Run folders for the tests: old, copied, or of a search that nobody ran."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from kerashar.files import write_json
from kerashar.search.journal import Journal
from tests.search.stand_in import settings

DAY = 86400.0
_HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def age(folder: Path, days: float = 1.0) -> Path:
    """Make all of it look as if written so long ago."""
    moment = time.time() - days * DAY
    for path in folder.rglob("*"):
        os.utime(path, (moment, moment), follow_symlinks=False)
    return folder


def contents(folder: Path) -> dict[str, bytes | str]:
    """All files below a folder, with what is in them; of links where they lead."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def write_search(folder: Path, model: Path, finished: bool = True, trials: int = 3, **changes) -> Path:
    """A search whose trials have the files of a real one; the second is the best, the last not over if not finished.

    Args:
        folder: of the search.
        model: run folder of a training, which each trial's is a copy of.
        finished: whether its best model was tested.
        trials: how many.
        **changes: to its settings.
    """
    write_json(folder / "search.json", settings(trials, **changes).to_json())
    journal = Journal(folder / "journal.jsonl")
    for number in range(1, trials + 1):
        name = f"{number:04}"
        own = folder / "trials" / name
        shutil.copytree(model, own)
        for file in ("earlier.npz", "clone-1.npz", "log.txt", "reports.jsonl"):
            (own / file).write_bytes(b"1234")
        own.with_suffix(".lock").touch()
        drawn = {"model.peak": number / 10, "training.learning_rate": 0.01, "training.epochs": 9, "backend": "torch"}
        journal.append("suggested", trial=name, settings=drawn)
        journal.append("measured", trial=name, measures={"parameters": 100 * number})
        score = 0.9 if number == 2 else 0.5 + number / 100
        figures = {"val_macro_f1": score, "val_accuracy": score, "val_loss": 1 - score, "seconds": 1.0}
        journal.append("report", trial=name, generation=0, epoch=1, **figures)
        if finished or number < trials:
            journal.append("completed" if number == 2 else "stopped", trial=name)
    (folder / "lock").touch()
    if finished:
        shutil.copy(model / "model.keras", folder / "best_model.keras")
        test = {"count": 4, "accuracy": 0.75, "macro_f1": 0.7, "loss": 0.5, "per_class": {}, "confusion": []}
        write_json(folder / "test.json", {"looks": 1, "trial": "0002", "test": test})
    return folder


@contextmanager
def held(lock: Path):
    """Another process holds the lock."""
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()
