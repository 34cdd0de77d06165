"""What a search may choose from, as plain data."""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

from kerashar.names import unknown_name

Space = dict[str, dict[str, Any]]
# Fields of a recipe that are groups of their own, or belong to the windows that the search is given.
_SET_ELSEWHERE = {"model", "model_settings", "features", "augmentation", "data", "split", "split_settings"}


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Args:
        options: the values; at least one.
    """

    options: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not self.options:
            raise ValueError("Expected at least one option. Received: options=().")


@dataclass(frozen=True)
class Uniform:
    """A number between two bounds, each as likely.

    Args:
        low: lower bound.
        high: upper bound, above `low`.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not -inf < self.low < self.high < inf:
            raise ValueError(f"Expected finite bounds, low < high. Received: low={self.low}, high={self.high}.")


@dataclass(frozen=True)
class LogUniform(Uniform):
    """A number between two bounds above zero, each order of magnitude as likely."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low <= 0:
            raise ValueError(f"Expected low above 0. Received: low={self.low}.")


@dataclass(frozen=True)
class IntUniform(Uniform):
    """A whole number between two bounds, both included."""

    low: int
    high: int


Domain = Choice | Uniform


def flatten(space: Space) -> dict[str, Any]:
    """The space as one level, with keys such as `"model.hidden"`.

    Example:
        >>> flatten({"model": {"hidden": Choice((64, 128))}, "training": {"epochs": 9}})
        {'model.hidden': Choice(options=(64, 128)), 'training.epochs': 9}
    """
    return {f"{group}.{key}": value for group, settings in space.items() for key, value in settings.items()}


def unflatten(settings: dict[str, Any]) -> Space:
    """The inverse of `flatten`."""
    space: Space = {"model": {}, "training": {}}
    for name, value in settings.items():
        group, key = name.split(".", 1)
        space.setdefault(group, {})[key] = value
    return space


def middle(space: Space) -> Space:
    """One setting for each domain of a space: of several options the middle one, of a range its (geometric) mean.

    Use it for a single run with the settings that a search would start around.

    Example:
        >>> middle({"model": {"hidden": Choice((32, 64, 128))}, "training": {"learning_rate": LogUniform(1e-4, 1e-2)}})
        {'model': {'hidden': 64}, 'training': {'learning_rate': 0.001}}
    """
    return {group: {key: _middle(value) for key, value in part.items()} for group, part in space.items()}


def _middle(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.options[len(value.options) // 2]
    if isinstance(value, LogUniform):
        return sqrt(value.low * value.high)
    if isinstance(value, IntUniform):
        return (value.low + value.high) // 2
    if isinstance(value, Uniform):
        return (value.low + value.high) / 2
    return value


def check_space(space: Space, model: str) -> None:
    """Bind every key of a space to the model's constructor, the features, the augmentations or the recipe.

    Raises:
        ValueError: an unknown group or key; the nearest right name is given.
    """
    from dataclasses import fields

    from kerashar.features import list_augmentations, list_features
    from kerashar.models import model_settings
    from kerashar.training import Recipe

    known = {
        "model": set(model_settings(model)),
        "features": set(list_features()),
        "augmentation": set(list_augmentations()),
        "training": {each.name for each in fields(Recipe)} - _SET_ELSEWHERE,
    }
    for group, settings in space.items():
        if group not in known:
            raise unknown_name("group of a search space", group, known)
        for key in settings:
            if key not in known[group]:
                raise unknown_name(f"{group} setting of {model} in the search space", key, known[group])
