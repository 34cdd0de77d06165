"""How contenders differ, in words."""

from collections.abc import Mapping
from typing import Any

from kerashar.studies.contender import Contender

DEFAULT = "default"


def settings_of(contender: Contender) -> dict[str, str]:
    """All settings as text, those of dictionaries as `model_settings.hidden`; a default of such a one is absent.

    Example:
        >>> settings_of(Contender({"augmentation": {"mixup": 0.2}}))["augmentation.mixup"]
        '0.2'
    """
    recipe = contender.seeded(0).settings()
    del recipe["seed"]
    flat = dict(_flat("", recipe))
    teacher = contender.teacher
    taught = "none" if teacher is None else f"{teacher.members} x {teacher.seeded(0).model}"
    return {**flat, "members": str(contender.members), "teacher": taught}


def changes_of(before: Contender, after: Contender) -> str:
    """What one changes in the other.

    Example:
        >>> changes_of(Contender({"epochs": 9}), Contender({"epochs": 9, "features": {"jerk": True}, "loss": "focal"}))
        'features.jerk = True; loss: cross_entropy → focal'
    """
    return _told(settings_of(before), settings_of(after))


def changes_of_plan(changes: Mapping[str, Any]) -> str:
    """What an option was to change, where it could not be built."""
    return _told({}, dict(_flat("", changes)))


def differing(first: Contender, last: Contender) -> list[tuple[str, str, str]]:
    """Name of each setting that is not at its default in both, and its values."""
    defaults, one, other = settings_of(Contender({})), settings_of(first), settings_of(last)
    names = dict.fromkeys([*one, *other])
    return [
        (name, one.get(name, DEFAULT), other.get(name, DEFAULT))
        for name in names
        if name == "model" or not defaults.get(name) == one.get(name) == other.get(name)
    ]


def _told(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    told = []
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old != new:
            told.append(f"{name} = {new}" if old is None else f"{name}: {old} → {DEFAULT if new is None else new}")
    return "; ".join(told)


def _flat(prefix: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    flat = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat += _flat(f"{prefix}{name}.", value)
        else:
            flat.append((prefix + name, _text(value)))
    return flat


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
