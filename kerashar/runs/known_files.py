"""The names of all files that kerashar writes into run folders."""

import re
from pathlib import Path

from kerashar.runs.run_files import TEMPORARY

_TRAINING = (
    r"(recipe|run|pretraining|test|teachers|fold)\.json|(history|test)\.csv|test_looks\.jsonl"
    r"|(checkpoint|earlier|predictions)\.npz|model\.keras|snapshot-\d+\.keras"
)
_TRIAL = rf"{_TRAINING}|clone-\d+\.npz|reports\.jsonl|log\.txt|generation"
_FOLDS = r"(cross_validation|folds)\.json|folds\.(csv|png)|subjects\.csv|predictions\.(csv|json)"
_SEARCH = r"search\.(json|png|html)|journal\.jsonl|lock|(leaderboard|front)\.csv"
_KNOWN = re.compile(
    rf"{_TRAINING}|(stage|fold)_\d+/({_TRAINING})|{_FOLDS}|(best_fold|ensemble|best_model)\.keras|{_SEARCH}"
    rf"|trials/\d+\.lock|trials/\d+/({_TRIAL})"
)


def is_known(path: Path, run: Path) -> bool:
    """Whether kerashar writes a file of this name at this place of a run."""
    return bool(TEMPORARY.fullmatch(path.name) or _KNOWN.fullmatch(path.relative_to(run).as_posix()))
