"""Staged plans of comparisons and small searches, each on top of what the earlier ones fixed."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.studies.comparison import Comparison
from kerashar.studies.distilling import Distilling
from kerashar.studies.head_comparison import HeadComparison
from kerashar.studies.joining import Joining
from kerashar.studies.small_search import SmallSearch
from kerashar.studies.study import Study

if TYPE_CHECKING:
    from kerashar.studies.run import run_study
    from kerashar.studies.study_result import StudyResult

__all__ = ["Comparison", "Distilling", "HeadComparison", "Joining", "SmallSearch", "Study", "StudyResult", "run_study"]

_HOME = {
    "StudyResult": "kerashar.studies.study_result",
    "run_study": "kerashar.studies.run",
}
__getattr__ = lazy_names(__name__, _HOME)
