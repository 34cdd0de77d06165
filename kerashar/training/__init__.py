"""Training and evaluation of one model on one split."""

from typing import TYPE_CHECKING, Any

from kerashar.training.metrics import Metrics
from kerashar.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashar.training.evaluation import evaluate, predict_logits
    from kerashar.training.train import TrainingResult, train

__all__ = ["Metrics", "Recipe", "TrainingResult", "evaluate", "predict_logits", "train"]


def __getattr__(name: str) -> Any:
    # These need Keras, which recipes don't: a search's driver reads recipes without loading a backend.
    if name in ("train", "TrainingResult"):
        from kerashar.training import train as module
    elif name in ("evaluate", "predict_logits"):
        from kerashar.training import evaluation as module
    else:
        raise AttributeError(f"module 'kerashar.training' has no attribute {name!r}")
    return getattr(module, name)
