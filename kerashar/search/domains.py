"""What a search may choose from, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod, sqrt
from typing import Any

from kerashar.names import unknown_name

Space = dict[str, dict[str, Any]]
GROUPS = ("model", "training", "features", "augmentation", "backend")  # any other group is a model's name
MODEL = "model.name"  # the setting that chooses among several models, each with a group of its own
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


def drawn_with(name: str, settings: dict[str, Any]) -> bool:
    """Whether a setting is drawn beside those drawn already: a model's own only where that model was.

    Example:
        >>> drawn_with("tcn.levels", {"model.name": "modern_tcn"}), drawn_with("training.epochs", {"model.name": "tcn"})
        (False, True)
    """
    group = name.split(".", 1)[0]
    return group in GROUPS or MODEL not in settings or settings[MODEL] == group


def count_settings(values: dict[str, Any]) -> float:
    """How many different settings a flat space holds; infinity where a domain is continuous."""
    if MODEL in values:
        names = values[MODEL].options if isinstance(values[MODEL], Choice) else (values[MODEL],)
        rest = {name: value for name, value in values.items() if name != MODEL}
        parts = ({name: value for name, value in rest.items() if drawn_with(name, {MODEL: each})} for each in names)
        return sum(count_settings(part) for part in parts)
    stepped = (steps(value) for value in values.values())
    return prod(inf if each is None else len(each) for each in stepped)


def steps(value: Any) -> Sequence[Any] | None:
    """All values of a domain, or the constant alone; None of a domain without steps."""
    if isinstance(value, Choice):
        return value.options
    if isinstance(value, IntUniform):
        return range(value.low, value.high + 1)
    return None if isinstance(value, Uniform) else (value,)


def option_place(choice: Choice, value: Any) -> int:
    """Which option a value is; ValueError where it is none. JSON makes lists of tuples, which count as the same."""
    return [_listed(option) for option in choice.options].index(_listed(value))


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, list | tuple) else value


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


def check_space(space: Space, models: str | Sequence[str]) -> None:
    """Bind every key of a space to the models' constructors, the features, the augmentations or the recipe.

    Args:
        space: domains and constants.
        models: name of the model; of several, each has a group of its own, and the choice is `"name"` in `"model"`.

    Raises:
        ValueError: an unknown group or key; the nearest right name is given.
    """
    from dataclasses import fields

    from kerashar.features import list_augmentations, list_features
    from kerashar.models import model_settings
    from kerashar.training import Recipe

    known = {
        "features": set(list_features()),
        "augmentation": set(list_augmentations()),
        "training": {each.name for each in fields(Recipe)} - _SET_ELSEWHERE,
    }
    if isinstance(models, str):
        known["model"] = set(model_settings(models))
    else:
        known |= {"model": {"name"}, **{model: set(model_settings(model)) for model in models}}
        chosen = space.get("model", {}).get("name")
        if not isinstance(chosen, Choice) or sorted(chosen.options) != sorted(models):
            raise ValueError(f"Expected model.name to be a choice of {', '.join(models)}. Received: {chosen!r}.")
    for group, settings in space.items():
        if group not in known:
            raise unknown_name("group of a search space", group, known)
        for key in settings:
            if key not in known[group]:
                owner = models if isinstance(models, str) and group == "model" else group
                raise unknown_name(f"{group} setting of {owner} in the search space", key, known[group])
