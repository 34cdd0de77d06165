"""What a search is made of, and its form as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from kerashar.search.domains import MODEL, Choice, Domain, IntUniform, LogUniform, Space, Uniform, flatten

_DOMAINS = {each.__name__: each for each in (Choice, Uniform, LogUniform, IntUniform)}


@dataclass(frozen=True)
class SearchSettings:
    """What a search is made of, apart from its windows; `search.json` in its run folder.

    Args:
        model: name of the model, or of several the names.
        space: domains and constants.
        trials: how many in all.
        backends: backends to choose among.
        seed: of the draws, and of each trial.
        grace_period: epochs that every trial gets.
        reduction_factor: one in so many trials passes a rung.
        data: where the windows came from, for whoever resumes; kept as it is.
        fingerprint: hash of the windows.
        scheduler: which trials end early, or take over the weights of others.
        searcher: how settings are drawn.
        objectives: what is wanted, the score first.
        warm_start: settings and values of earlier searches' trials, which teach the searcher.
        out_of_memory: what becomes of a trial that runs out of memory.
        storage: where trials are kept besides the run folder; None where all nodes share that.
        logs: what its trials are written to besides the journal.
    """

    model: str | tuple[str, ...]
    space: Space
    trials: int
    backends: tuple[str, ...]
    seed: int
    grace_period: int
    reduction_factor: int
    data: dict[str, Any] | None
    fingerprint: str
    scheduler: str = "asha"
    searcher: str = "tpe"
    objectives: tuple[str, ...] = ("score",)
    warm_start: tuple[dict[str, Any], ...] = ()
    out_of_memory: str = "smaller"
    storage: str | None = None
    logs: tuple[str, ...] = ()

    @property
    def epochs(self) -> int:
        """Epochs of a trial that is never stopped."""
        return self.space["training"]["epochs"]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "space": plain_space(self.space)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SearchSettings":
        plain = {key: _with_tuples(value) for key, value in data.items() if key not in ("space", "data", "warm_start")}
        kept = {"data": data["data"], "warm_start": tuple(data.get("warm_start", ()))}
        return cls(**{**plain, **kept, "space": _each(_from_json, data["space"])})


def flat_values(settings: SearchSettings) -> dict[str, Any]:
    """Domains and constants as one level, the choice of the model first and that of the backend last."""
    values = flatten(settings.space)
    first = {name: values.pop(name) for name in (MODEL,) if name in values}
    return {**first, **values, "backend": Choice(settings.backends)}


def plain_space(space: Space) -> Space:
    """A space as plain data."""
    return _each(_to_json, space)


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
