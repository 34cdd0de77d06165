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
    from kerashar.training.ensembling import ensemble_weights
    from kerashar.training.evaluation import evaluate, predict_logits
    from kerashar.training.fine_tuning import fine_tune
    from kerashar.training.folds_result import FoldsResult
    from kerashar.training.learning_rate_curve import LearningRateCurve
    from kerashar.training.learning_rate_range import learning_rate_test
    from kerashar.training.looks import look_at_test
    from kerashar.training.paired_comparison import PairedComparison, compare_runs
    from kerashar.training.pretraining import pretrain
    from kerashar.training.probe import Probe
    from kerashar.training.recipe_data import recipe_split
    from kerashar.training.run import TrainingResult, best_model, train
    from kerashar.training.submission import write_submission
    from kerashar.training.target_bins import TargetBins
    from kerashar.training.target_comparison import compare_targets
    from kerashar.training.transfer import extract_features, freeze_below, start_from
    from kerashar.training.unlabelled_windows import unlabelled_sides

__all__ = [
    "ContinuousMetrics",
    "FoldsResult",
    "LearningRateCurve",
    "Metrics",
    "PairedComparison",
    "Probe",
    "Recipe",
    "TargetBins",
    "TrainingResult",
    "best_model",
    "compare_runs",
    "compare_targets",
    "cross_validate",
    "distill",
    "ensemble_weights",
    "evaluate",
    "extract_features",
    "fine_tune",
    "freeze_below",
    "learning_rate_test",
    "look_at_test",
    "predict_logits",
    "pretrain",
    "quick_checks",
    "recipe_split",
    "run_checks",
    "start_from",
    "train",
    "unlabelled_sides",
    "write_submission",
]

# These need Keras, which a recipe doesn't: a search's driver reads recipes without loading a backend.
_HOME = {
    "ContinuousMetrics": "kerashar.training.continuous_metrics",
    "FoldsResult": "kerashar.training.folds_result",
    "LearningRateCurve": "kerashar.training.learning_rate_curve",
    "PairedComparison": "kerashar.training.paired_comparison",
    "Probe": "kerashar.training.probe",
    "TargetBins": "kerashar.training.target_bins",
    "TrainingResult": "kerashar.training.run",
    "best_model": "kerashar.training.run",
    "compare_runs": "kerashar.training.paired_comparison",
    "compare_targets": "kerashar.training.target_comparison",
    "cross_validate": "kerashar.training.cross_validation",
    "distill": "kerashar.training.distillation",
    "ensemble_weights": "kerashar.training.ensembling",
    "evaluate": "kerashar.training.evaluation",
    "extract_features": "kerashar.training.transfer",
    "fine_tune": "kerashar.training.fine_tuning",
    "freeze_below": "kerashar.training.transfer",
    "learning_rate_test": "kerashar.training.learning_rate_range",
    "look_at_test": "kerashar.training.looks",
    "predict_logits": "kerashar.training.evaluation",
    "pretrain": "kerashar.training.pretraining",
    "quick_checks": "kerashar.training.checks",
    "recipe_split": "kerashar.training.recipe_data",
    "run_checks": "kerashar.training.checks",
    "start_from": "kerashar.training.transfer",
    "train": "kerashar.training.run",
    "unlabelled_sides": "kerashar.training.unlabelled_windows",
    "write_submission": "kerashar.training.submission",
}
__getattr__ = lazy_names(__name__, _HOME)
