"""Recordings, windows and splits by subject."""

from typing import TYPE_CHECKING

from kerashar.data.at_rate import at_rate
from kerashar.data.cache import cache_folder
from kerashar.data.data_set import DataSet
from kerashar.data.data_sets import data_set, list_data_sets, load_split, load_windows
from kerashar.data.gravity import separate_gravity
from kerashar.data.near_duplicates import near_duplicates
from kerashar.data.recording import Recording
from kerashar.data.resampling import Stretch, even_times, resample, resample_together
from kerashar.data.sampling import class_weights, nested_fraction
from kerashar.data.segment import Segment
from kerashar.data.shared_stretches import shared_stretches
from kerashar.data.splits import leave_one_subject_out, nested_folds, split_by_subject, subject_folds
from kerashar.data.subject_split import SubjectSplit
from kerashar.data.unlabelled import cut_unlabelled
from kerashar.data.window_set import WindowSet
from kerashar.data.windows import cut_windows
from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.data.input_pipeline import InputPipeline
    from kerashar.data.quality import check_signal, quality_report

__all__ = [
    "DataSet",
    "InputPipeline",
    "Recording",
    "Segment",
    "Stretch",
    "SubjectSplit",
    "WindowSet",
    "at_rate",
    "cache_folder",
    "check_signal",
    "class_weights",
    "cut_unlabelled",
    "cut_windows",
    "data_set",
    "even_times",
    "leave_one_subject_out",
    "list_data_sets",
    "load_split",
    "load_windows",
    "near_duplicates",
    "nested_folds",
    "nested_fraction",
    "quality_report",
    "resample",
    "resample_together",
    "separate_gravity",
    "shared_stretches",
    "split_by_subject",
    "subject_folds",
]

# These load Pillow, or statistics that reading a data set doesn't need.
_HOME = {
    "InputPipeline": "kerashar.data.input_pipeline",
    "check_signal": "kerashar.data.quality",
    "quality_report": "kerashar.data.quality",
}
__getattr__ = lazy_names(__name__, _HOME)
