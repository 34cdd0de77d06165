"""Human activities from wearable sensors, and small images, with Keras 3 on torch, JAX and TensorFlow.

`import kerashar` is light: a name's module loads at its first use, so `KERAS_BACKEND` can still be set after it
and the command line answers at once.
"""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

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

_HOME = {
    "Recipe": "kerashar.training",
    "Recording": "kerashar.data",
    "SubjectSplit": "kerashar.data",
    "WindowSet": "kerashar.data",
    "create_model": "kerashar.models",
    "evaluate": "kerashar.training",
    "list_models": "kerashar.models",
    "load_model": "kerashar.models",
    "load_split": "kerashar.data",
    "load_windows": "kerashar.data",
    "model_card": "kerashar.models",
    "receptive_field": "kerashar.models",
    "save_model": "kerashar.models",
    "suggest_depth": "kerashar.models",
    "train": "kerashar.training",
}

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


__getattr__ = lazy_names(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
