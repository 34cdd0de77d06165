"""What a search is made of, and its form as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from kerashar.search.domains import Choice, Domain, IntUniform, LogUniform, Space, Uniform

_DOMAINS = {each.__name__: each for each in (Choice, Uniform, LogUniform, IntUniform)}


@dataclass(frozen=True)
class SearchSettings:
    """What a search is made of, apart from its windows; `search.json` in its run folder.

    Args:
        model: name of the model.
        space: domains and constants.
        trials: how many in all.
        backends: backends to choose among.
        seed: of the draws, and of each trial.
        grace_period: epochs that every trial gets.
        reduction_factor: one in so many trials passes a rung.
        data: where the windows came from, for whoever resumes; kept as it is.
        fingerprint: hash of the windows.
    """

    model: str
    space: Space
    trials: int
    backends: tuple[str, ...]
    seed: int
    grace_period: int
    reduction_factor: int
    data: dict[str, Any] | None
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "space": _each(_to_json, self.space)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SearchSettings":
        return cls(**{**data, "space": _each(_from_json, data["space"]), "backends": tuple(data["backends"])})


def _each(convert: Callable[[Any], Any], space: Space) -> Space:
    return {group: {key: convert(value) for key, value in part.items()} for group, part in space.items()}


def _to_json(value: Any) -> Any:
    return {"domain": type(value).__name__, **asdict(value)} if isinstance(value, Domain) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict) and "domain" in value:
        arguments = {key: _with_tuples(each) for key, each in value.items()}
        return _DOMAINS[arguments.pop("domain")](**arguments)
    return _with_tuples(value)


def _with_tuples(value: Any) -> Any:
    """JSON has no tuples: its lists were tuples."""
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value
