"""Run folders: what there is, how runs differ, and what can go; without Keras."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.runs.cleaning import Cleaning, plan_cleaning
    from kerashar.runs.comparison import RunComparison
    from kerashar.runs.finding import find_runs, read_run
    from kerashar.runs.run import Run

__all__ = ["Cleaning", "Run", "RunComparison", "find_runs", "plan_cleaning", "read_run"]

_HOME = {
    "Cleaning": "kerashar.runs.cleaning",
    "Run": "kerashar.runs.run",
    "RunComparison": "kerashar.runs.comparison",
    "find_runs": "kerashar.runs.finding",
    "plan_cleaning": "kerashar.runs.cleaning",
    "read_run": "kerashar.runs.finding",
}
__getattr__ = lazy_names(__name__, _HOME)
