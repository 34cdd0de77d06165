"""Models by name."""

import inspect
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import keras

from kerashar.models.model_card import ModelCard
from kerashar.names import unknown_name

ModelClass = TypeVar("ModelClass", bound=type[keras.Model])
_models: dict[str, tuple[type[keras.Model], ModelCard]] = {}


def register_model(name: str, card: ModelCard) -> Callable[[ModelClass], ModelClass]:
    """Class decorator that makes a model known by `name`; a name taken already is a ValueError."""

    def register(model_class: ModelClass) -> ModelClass:
        if name in _models:
            raise ValueError(f"Expected a new model name. Received: {name!r}, taken by {_models[name][0].__name__}.")
        _models[name] = (model_class, card)
        return model_class

    return register


def create_model(name: str, window_shape: Sequence[int | None], num_classes: int, **settings: Any) -> keras.Model:
    """Build a registered model.

    Use it where the model's name comes from a file or the command line; else call the class.

    Args:
        name: a name from `list_models()`.
        window_shape: `(time, channels)` of one window; time may be `None`.
        num_classes: number of logits; 0 gives the backbone.
        **settings: the model's own constructor arguments.

    Raises:
        ValueError: unknown name or setting; the nearest right one is named.

    Example:
        >>> create_model("modern_tcn", (128, 9), 6, blocks=2).output_shape
        (None, 6)
    """
    model_class = _find(name)[0]
    known = model_settings(name)
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of {name}", setting, known)
    return model_class(window_shape, num_classes, **settings)


def model_settings(name: str) -> dict[str, Any]:
    """The settings of a model with their defaults, as its constructor declares them."""
    parameters = inspect.signature(_find(name)[0].__init__).parameters.values()
    given = {"self", "window_shape", "num_classes", "name"}
    return {parameter.name: parameter.default for parameter in parameters if parameter.name not in given}


def list_models(pattern: str = "*") -> list[str]:
    """Names of the registered models that match a shell pattern such as `"*tcn"`, sorted."""
    return sorted(name for name in _models if fnmatchcase(name, pattern))


def model_card(name: str) -> ModelCard:
    """The card of a registered model; ValueError with the nearest name if it is unknown."""
    return _find(name)[1]


def _find(name: str) -> tuple[type[keras.Model], ModelCard]:
    if name not in _models:
        raise unknown_name("model", name, _models)
    return _models[name]
