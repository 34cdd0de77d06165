"""Whether somebody writes into a run folder."""

import time
from pathlib import Path

from kerashar.locks import is_held
from kerashar.runs.run_files import tree

RECENT = 600.0  # seconds: a training has no lock, and an epoch may take minutes


def is_lock(path: Path) -> bool:
    return path.name == "lock" or path.suffix == ".lock"


def is_being_written(folder: Path) -> bool:
    """Whether a process holds one of the folder's locks, or has written into it in the last ten minutes."""
    now = time.time()
    files = list(tree(folder))
    # A look at a lock may change its time.
    recent = any(now - facts.st_mtime < RECENT for path, facts in files if not is_lock(path))
    return recent or any(is_held(path) for path, _ in files if is_lock(path))
