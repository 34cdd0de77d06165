"""Training and evaluation of one model on one split."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashar.training.evaluation import evaluate, predict_logits
    from kerashar.training.run import TrainingResult, best_model, train

__all__ = ["Metrics", "Recipe", "TrainingResult", "best_model", "evaluate", "predict_logits", "train"]

# These need Keras, which a recipe doesn't: a search's driver reads recipes without loading a backend.
_HOME = {
    "TrainingResult": "kerashar.training.run",
    "best_model": "kerashar.training.run",
    "evaluate": "kerashar.training.evaluation",
    "predict_logits": "kerashar.training.evaluation",
    "train": "kerashar.training.run",
}
__getattr__ = lazy_names(__name__, _HOME)
