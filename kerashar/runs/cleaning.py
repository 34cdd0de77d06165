"""Freeing the space of what nobody needs of runs."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from kerashar.locks import is_takeable
from kerashar.runs.being_written import is_being_written, is_lock
from kerashar.runs.finding import find_runs, folds, kind_of, stages
from kerashar.runs.known_files import is_known
from kerashar.runs.run import Run
from kerashar.runs.run_files import (
    TEMPORARY,
    DamagedFileError,
    check_model,
    read_json,
    shrink_checkpoint,
    spare_bytes,
    tree,
)
from kerashar.search.history import Trials
from kerashar.search.journal import Journal
from kerashar.search.leaderboard import leaderboard
from kerashar.search.objectives import pareto_front

_LOOKS = "test_looks.jsonl"  # as `kerashar.training.looks` names it, which needs Keras
_DAY = 86400.0  # seconds
_BUSY = "is being written, or was within the last ten minutes"


@dataclass(frozen=True)
class Removal:
    """What goes of one run for one reason.

    Args:
        run: whose.
        what: in words.
        size: bytes that become free.
        files: that are deleted.
        shrunk: checkpoints that keep the best weights alone.
        whole: whether the run's folder goes.
    """

    run: Run
    what: str
    size: int
    files: tuple[Path, ...] = ()
    shrunk: tuple[Path, ...] = ()
    whole: bool = False


@dataclass
class Cleaning:
    """What would go of some runs, and what would stay that one may wonder about.

    Use `plan_cleaning` to make it, and `carry_out` once it has been looked at.

    Args:
        removals: what goes.
        kept: names of runs that are left alone, each with the reason.
    """

    removals: list[Removal] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes that become free."""
        return sum(removal.size for removal in self.removals)

    def carry_out(self) -> int:
        """Do it, and return the bytes that are free now; a run that somebody began to write into meanwhile stays."""
        freed = 0
        for removal in self.removals:
            lock = removal.run.folder / "lock"
            try:
                with FileLock(lock, timeout=0) if is_takeable(lock) else nullcontext():
                    if _was_written_since(removal.run):
                        raise Timeout(str(lock))
                    _carry_out(removal)
            except Timeout:
                self.kept.append((removal.run.name, _BUSY))
                continue
            if removal.whole:
                lock.unlink(missing_ok=True)
                _remove_empty_folders(removal.run.folder)
            freed += removal.size
        return freed


def plan_cleaning(folder: Path | str = "runs", *, unfinished: bool = False, older_than: float = 30.0) -> Cleaning:
    """Find what nobody needs of the runs below a folder; nothing is removed yet.

    Of finished runs go what a checkpoint holds besides the best weights, the checkpoints of folds, and checkpoints and
    models of a search's trials other than the best ones; of all runs the temporary files that killed writers have
    left. What reads finished runs still does: `train` with the same recipe, reports, comparisons, a resumed search.
    Left alone are runs that are being written, damaged ones, studies, files that kerashar doesn't write, and links.

    Args:
        folder: where the runs are, or one run.
        unfinished: whether unfinished runs go as a whole, unless they hold other files or a look at the test.
        older_than: days since such a run was last written.

    Raises:
        ValueError: the folder is a part of a run.
        FileNotFoundError: there is no such folder.

    Example:
        >>> plan_cleaning("runs").carry_out()  # doctest: +SKIP
    """
    for parent in Path(folder).resolve().parents:
        if kind_of(parent) is not None:
            raise ValueError(f"Expected a folder of runs. Received: {folder}, a part of the run {parent}.")
    cleaning, now = Cleaning(), time.time()
    for run in find_runs(folder):
        if run.state == "damaged":
            cleaning.kept.append((run.name, f"is damaged: {run.damage}"))
        elif run.kind == "study":
            cleaning.kept.append((run.name, "is a study: all that is in it belongs together"))
        elif is_being_written(run.folder):
            cleaning.kept.append((run.name, _BUSY))
        elif run.state == "unfinished" and unfinished and now - run.written > older_than * _DAY:
            _plan_whole(run, cleaning)
        else:
            try:
                _plan_parts(run, cleaning)
            except DamagedFileError as error:
                cleaning.kept.append((run.name, f"is damaged: {error}"))
    return cleaning


def _plan_whole(run: Run, cleaning: Cleaning) -> None:
    files = [path for path, _ in tree(run.folder)]
    others = [path.relative_to(run.folder).as_posix() for path in _others(run.folder)]
    if others:
        cleaning.kept.append((run.name, f"is unfinished, but holds what kerashar doesn't write: {min(others)}"))
    elif any(path.name == _LOOKS for path in files):
        cleaning.kept.append((run.name, "is unfinished, but has a look at the test on record"))
    else:
        cleaning.removals.append(Removal(run, "the whole run, unfinished", run.size, tuple(files), whole=True))


def _plan_parts(run: Run, cleaning: Cleaning) -> None:
    groups: list[tuple[str, Iterable[Path]]] = []
    if run.state == "finished":
        if run.kind == "search":
            groups.append(("checkpoints and models of trials that are not the best", _of_trials(run)))
        elif run.kind == "cross-validation":
            groups.append(("checkpoints of its folds", _of_folds(run)))
        else:
            _plan_shrinking(run, cleaning)
    temporary = (path for path, _ in tree(run.folder) if TEMPORARY.fullmatch(path.name))
    groups.append(("temporary files of killed writers", temporary))
    for what, found in groups:
        if files := tuple(path for path in found if path.is_file() and not path.is_symlink()):
            cleaning.removals.append(Removal(run, what, sum(path.lstat().st_size for path in files), files))


def _plan_shrinking(run: Run, cleaning: Cleaning) -> None:
    """`train` knows a finished run by its checkpoint and takes the best weights from it: both stay."""
    parts = stages(run.folder) if run.kind == "fine-tuning" else [run.folder]
    found = [part / "checkpoint.npz" for part in parts if (part / "model.keras").exists()]
    spare = {path: spare_bytes(path) for path in found if path.is_file() and not path.is_symlink()}
    if files := tuple(path for path, size in spare.items() if size):
        what = "of checkpoints all but the best weights"
        cleaning.removals.append(Removal(run, what, sum(spare.values()), shrunk=files))


def _of_folds(run: Run) -> Iterator[Path]:
    """A fold that has its file is never trained again."""
    for fold in folds(run.folder):
        if (fold / "fold.json").exists():
            check_model(fold / "model.keras")
            yield fold / "checkpoint.npz"


def _of_trials(run: Run) -> Iterator[Path]:
    place = run.folder / "trials"
    if place.is_symlink():
        return
    trials = Trials.of(Journal(run.folder / "journal.jsonl").read())
    kept = {run.best_trial}
    if (run.folder / "test.json").exists():
        kept.add(read_json(run.folder / "test.json").get("trial"))  # a report reads the one that was tested
    if len(objectives := run.choices.get("objectives", ())) > 1:  # somebody may choose another one of the front
        kept |= {trial.trial for trial in pareto_front(leaderboard(trials.values()), objectives)}
    for own in sorted(place.iterdir()):
        if own.name in trials.keys() - kept and own.is_dir() and not own.is_symlink():
            yield from (own / name for name in ("checkpoint.npz", "earlier.npz", "model.keras"))
            yield from own.glob("clone-*.npz")


def _others(folder: Path) -> Iterator[Path]:
    """What is in a run's folder besides what kerashar writes; a link always is."""
    for place, folders, files in os.walk(folder):
        paths = [Path(place, name) for name in (*files, *folders)]
        yield from (path for path in paths if path.is_symlink() or not (path.is_dir() or is_known(path, folder)))


def _was_written_since(run: Run) -> bool:
    return any(facts.st_mtime > run.written for path, facts in tree(run.folder) if not is_lock(path))


def _carry_out(removal: Removal) -> None:
    for path in removal.shrunk:
        shrink_checkpoint(path)
    for path in removal.files:
        if path != removal.run.folder / "lock":  # it is held, and goes last
            path.unlink(missing_ok=True)


def _remove_empty_folders(folder: Path) -> None:
    for place, _, _ in os.walk(folder, topdown=False):
        os.rmdir(place)
