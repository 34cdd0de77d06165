"""Training and evaluation of one model on one split."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashar.training.checks import quick_checks, run_checks
    from kerashar.training.continuous_metrics import ContinuousMetrics
    from kerashar.training.cross_validation import cross_validate
    from kerashar.training.distillation import distill
    from kerashar.training.evaluation import evaluate, predict_logits
    from kerashar.training.folds_result import FoldsResult
    from kerashar.training.learning_rate_curve import LearningRateCurve
    from kerashar.training.paired_comparison import PairedComparison, compare_runs
    from kerashar.training.run import TrainingResult, best_model, train
    from kerashar.training.target_bins import TargetBins
    from kerashar.training.target_comparison import compare_targets

__all__ = [
    "ContinuousMetrics",
    "FoldsResult",
    "LearningRateCurve",
    "Metrics",
    "PairedComparison",
    "Recipe",
    "TargetBins",
    "TrainingResult",
    "best_model",
    "compare_runs",
    "compare_targets",
    "cross_validate",
    "distill",
    "evaluate",
    "predict_logits",
    "quick_checks",
    "run_checks",
    "train",
]

# These need Keras, which a recipe doesn't: a search's driver reads recipes without loading a backend.
_HOME = {
    "ContinuousMetrics": "kerashar.training.continuous_metrics",
    "FoldsResult": "kerashar.training.folds_result",
    "LearningRateCurve": "kerashar.training.learning_rate_curve",
    "PairedComparison": "kerashar.training.paired_comparison",
    "TargetBins": "kerashar.training.target_bins",
    "TrainingResult": "kerashar.training.run",
    "best_model": "kerashar.training.run",
    "compare_runs": "kerashar.training.paired_comparison",
    "compare_targets": "kerashar.training.target_comparison",
    "cross_validate": "kerashar.training.cross_validation",
    "distill": "kerashar.training.distillation",
    "evaluate": "kerashar.training.evaluation",
    "predict_logits": "kerashar.training.evaluation",
    "quick_checks": "kerashar.training.checks",
    "run_checks": "kerashar.training.checks",
    "train": "kerashar.training.run",
}
__getattr__ = lazy_names(__name__, _HOME)
