"""What is in a data set, and what is wrong with it."""

from kerashar.data.quality.check_signal import check_signal
from kerashar.data.quality.data_report import quality_report
from kerashar.data.quality.image_report import image_quality_report
from kerashar.data.quality.problem import Problem
from kerashar.data.quality.quality_report import QualityReport

__all__ = ["Problem", "QualityReport", "check_signal", "image_quality_report", "quality_report"]
