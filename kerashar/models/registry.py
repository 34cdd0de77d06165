"""Models by name."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

import keras

from kerashar.initial_weights import drawn_by_numpy
from kerashar.models.model_card import InputKind, ModelCard
from kerashar.names import unknown_name

ModelClass = TypeVar("ModelClass", bound=type[keras.Model])


@dataclass(frozen=True)
class _Entry:
    model_class: type[keras.Model]
    card: ModelCard
    presets: dict[str, Any]


_models: dict[str, _Entry] = {}


def register_model(name: str, card: ModelCard, **presets: Any) -> Callable[[ModelClass], ModelClass]:
    """Class decorator that makes a model known by `name`; a name taken already is a ValueError.

    One class may be registered several times: `presets` are the settings in which this name differs from the
    class's own defaults.
    """

    def register(model_class: ModelClass) -> ModelClass:
        if name in _models:
            taken = _models[name].model_class.__name__
            raise ValueError(f"Expected a new model name. Received: {name!r}, taken by {taken}.")
        _models[name] = _Entry(model_class, card, presets)
        return model_class

    return register


def create_model(
    name: str,
    input_shape: Sequence[int | None],
    num_classes: int,
    weights: str | Path | None = None,
    **settings: Any,
) -> keras.Model:
    """Build a registered model.

    Use it where the model's name comes from a file or the command line; else call the class.

    Args:
        name: a name from `list_models()`.
        input_shape: `(time, channels)` of one window; time may be `None`. `(height, width, channels)` of one image.
        num_classes: number of logits; 0 gives the backbone.
        weights: published weights to start from, as `load_timm_weights` takes them. Defaults to None.
        **settings: the model's own constructor arguments.

    Raises:
        FileNotFoundError: published weights that are not on this machine.
        ValueError: unknown name or setting; the nearest right one is named.

    Example:
        >>> create_model("modern_tcn", (128, 9), 6, blocks=2).output_shape
        (None, 6)
    """
    entry = _find(name)
    known = model_settings(name)
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of {name}", setting, known)
    with drawn_by_numpy():
        model = entry.model_class(input_shape, num_classes, **{**entry.presets, **settings}, name=name)
    if weights is not None:
        from kerashar.models.images.timm_weights import load_timm_weights  # its package imports this module

        load_timm_weights(model, weights)
    return model


def model_settings(name: str) -> dict[str, Any]:
    """The settings of a model with their defaults, as its constructor and its registration declare them."""
    entry = _find(name)
    parameters = inspect.signature(entry.model_class.__init__).parameters.values()
    given = {"self", "window_shape", "image_shape", "num_classes", "name"}
    declared = {parameter.name: parameter.default for parameter in parameters if parameter.name not in given}
    return {**declared, **entry.presets}


def list_models(pattern: str = "*", takes: InputKind | None = None) -> list[str]:
    """Names of the registered models, sorted.

    Args:
        pattern: shell pattern that the names match, such as `"*tcn"`.
        takes: only those for `"signals"` or for `"images"`.
    """
    named = (name for name in _models if fnmatchcase(name, pattern))
    return sorted(name for name in named if takes in (None, _models[name].card.takes))


def model_card(name: str) -> ModelCard:
    """The card of a registered model; ValueError with the nearest name if it is unknown."""
    return _find(name).card


def _find(name: str) -> _Entry:
    if name not in _models:
        raise unknown_name("model", name, _models)
    return _models[name]
