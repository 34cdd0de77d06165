"""Training and evaluation of one model on one split."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashar.training.evaluation import evaluate, predict_logits
    from kerashar.training.run import TrainingResult, best_model, train

__all__ = ["Metrics", "Recipe", "TrainingResult", "best_model", "evaluate", "predict_logits", "train"]

# These need Keras, which a recipe doesn't: a search's driver reads recipes without loading a backend.
_NEED_KERAS = {
    "TrainingResult": "run",
    "best_model": "run",
    "evaluate": "evaluation",
    "predict_logits": "evaluation",
    "train": "run",
}


def __getattr__(name: str) -> Any:
    if name not in _NEED_KERAS:
        raise AttributeError(f"module 'kerashar.training' has no attribute {name!r}")
    return getattr(import_module(f"kerashar.training.{_NEED_KERAS[name]}"), name)
