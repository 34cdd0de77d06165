"""A study as a page, and as a report for a guide. Neither Ray nor Keras is needed: the run folder says all."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.studies.page.markdown import write_study_markdown
    from kerashar.studies.page.writing import write_study_page

__all__ = ["write_study_markdown", "write_study_page"]

_HOME = {
    "write_study_markdown": "kerashar.studies.page.markdown",
    "write_study_page": "kerashar.studies.page.writing",
}
__getattr__ = lazy_names(__name__, _HOME)
