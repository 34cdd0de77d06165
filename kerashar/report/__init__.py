"""What a run is worth and where it errs, as one page that people read."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.report.writing import write_report

__all__ = ["write_report"]

_HOME = {"write_report": "kerashar.report.writing"}
__getattr__ = lazy_names(__name__, _HOME)
