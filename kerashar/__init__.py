"""Human activities from wearable sensors, and small images, with Keras 3 on torch, JAX and TensorFlow.

`import kerashar` is light: a name's module loads at its first use, so `KERAS_BACKEND` can still be set after it
and the command line answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashar.data import Recording, SubjectSplit, WindowSet, load_split, load_windows
    from kerashar.models import (
        create_model,
        list_models,
        load_model,
        model_card,
        receptive_field,
        save_model,
        suggest_depth,
    )
    from kerashar.training import Recipe, evaluate, train

__version__ = "0.1.0"

_MODULES = {
    "kerashar.data": ("Recording", "SubjectSplit", "WindowSet", "load_split", "load_windows"),
    "kerashar.models": (
        "create_model",
        "list_models",
        "load_model",
        "model_card",
        "receptive_field",
        "save_model",
        "suggest_depth",
    ),
    "kerashar.training": ("Recipe", "evaluate", "train"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Recipe",
    "Recording",
    "SubjectSplit",
    "WindowSet",
    "create_model",
    "evaluate",
    "list_models",
    "load_model",
    "load_split",
    "load_windows",
    "model_card",
    "receptive_field",
    "save_model",
    "suggest_depth",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kerashar' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
