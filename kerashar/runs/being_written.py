"""Whether somebody writes into a run folder."""

import time
from pathlib import Path

from filelock import FileLock, Timeout

from kerashar.runs.run_files import tree

RECENT = 600.0  # seconds: a training has no lock, and an epoch may take minutes


def is_held(lock: Path) -> bool:
    """Whether a living process holds a lock; the file stays when its holder dies."""
    if not is_takeable(lock):
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # no right to write here: then it isn't ours
        return False


def is_takeable(lock: Path) -> bool:
    """Whether it is a lock as kerashar makes them, which is empty: older versions of filelock empty what they take."""
    return lock.is_file() and not lock.is_symlink() and not lock.stat().st_size


def is_lock(path: Path) -> bool:
    return path.name == "lock" or path.suffix == ".lock"


def is_being_written(folder: Path) -> bool:
    """Whether a process holds one of the folder's locks, or has written into it in the last ten minutes."""
    now = time.time()
    files = list(tree(folder))
    # A look at a lock may change its time.
    recent = any(now - facts.st_mtime < RECENT for path, facts in files if not is_lock(path))
    return recent or any(is_held(path) for path, _ in files if is_lock(path))
