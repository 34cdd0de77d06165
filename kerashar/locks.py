"""Whether somebody is at work in a folder."""

from pathlib import Path

from filelock import FileLock, Timeout


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
