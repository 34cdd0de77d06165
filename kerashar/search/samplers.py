"""How settings are drawn: Optuna's samplers by name, and a grid."""

from collections.abc import Iterator, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from kerashar.names import unknown_name
from kerashar.search.domains import (
    Choice,
    Domain,
    IntUniform,
    LogUniform,
    Uniform,
    drawn_with,
    option_place,
    steps,
)

SEARCHERS = ("tpe", "gaussian_process", "nsga2", "random", "grid")
STARTING_DRAWS = 8  # at random, before a model of the scores is worth asking


def check_searcher(name: str, values: dict[str, Any]) -> None:
    """Refuse an unknown searcher, and a grid of what has no steps."""
    if name not in SEARCHERS:
        raise unknown_name("searcher", name, SEARCHERS)
    endless = [key for key, value in values.items() if steps(value) is None]
    if name == "grid" and endless:
        raise ValueError(
            f"Expected choices and whole numbers alone in a grid. Received: a continuous {', '.join(endless)}; "
            "give it as a Choice."
        )


def make_sampler(name: str, seed: int, population: int) -> BaseSampler:
    """Optuna's sampler of that name; of a seed of its own for each draw, so that a resumed search draws the same.

    Args:
        name: one of `SEARCHERS` but `"grid"`.
        seed: of the next draw.
        population: trials of a generation; for `"nsga2"`.
    """
    if name == "tpe":
        return TPESampler(seed=seed, n_startup_trials=STARTING_DRAWS)
    if name == "gaussian_process":
        return GPSampler(seed=seed, n_startup_trials=STARTING_DRAWS)
    if name == "nsga2":
        return NSGAIISampler(seed=seed, population_size=population)
    return RandomSampler(seed=seed)


def grid(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All settings of a flat space, one after the other; a model's own only where that model was chosen.

    Example:
        >>> list(grid({"model.hidden": Choice((8, 16)), "training.epochs": 3}))
        [{'model.hidden': 8, 'training.epochs': 3}, {'model.hidden': 16, 'training.epochs': 3}]
    """
    names = list(values)

    def complete(place: int, drawn: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if place == len(names):
            yield dict(drawn)
            return
        name = names[place]
        if not drawn_with(name, drawn):
            yield from complete(place + 1, drawn)
            return
        for option in steps(values[name]) or ():  # `check_searcher` has refused what has none
            yield from complete(place + 1, {**drawn, name: option})

    yield from complete(0, {})


def draw(trial: optuna.Trial, values: dict[str, Any]) -> dict[str, Any]:
    """The settings that an Optuna trial suggests, in the order of `values`."""
    drawn: dict[str, Any] = {}
    for name, value in values.items():
        if drawn_with(name, drawn):
            drawn[name] = _suggest(trial, name, value) if isinstance(value, Domain) else value
    return drawn


def _suggest(trial: optuna.Trial, name: str, domain: Domain) -> Any:
    if isinstance(domain, Choice):
        # Places instead of options: Optuna takes no tuples.
        return domain.options[trial.suggest_categorical(name, range(len(domain.options)))]
    if isinstance(domain, IntUniform):
        return trial.suggest_int(name, domain.low, domain.high)
    return trial.suggest_float(name, domain.low, domain.high, log=isinstance(domain, LogUniform))


def past_trial(
    values: dict[str, Any],
    settings: dict[str, Any],
    state: TrialState,
    scores: Sequence[float],
    sampler: dict[str, Any],
) -> FrozenTrial:
    """A trial of before, as Optuna knows trials.

    Raises:
        ValueError: the settings don't lie in the space of `values`.
    """
    drawn = {name: value for name, value in values.items() if isinstance(value, Domain) and drawn_with(name, settings)}
    missing = drawn.keys() - settings.keys()
    if missing:
        raise ValueError(f"Expected a setting of {', '.join(sorted(missing))}. Received: none.")
    return create_trial(
        state=state,
        values=list(scores) if state == TrialState.COMPLETE else None,
        params={name: _parameter(domain, settings[name]) for name, domain in drawn.items()},
        distributions={name: _distribution(domain) for name, domain in drawn.items()},
        system_attrs=sampler,
    )


def _distribution(domain: Domain) -> BaseDistribution:
    match domain:
        case Choice():
            return CategoricalDistribution(range(len(domain.options)))
        case IntUniform():
            return IntDistribution(domain.low, domain.high)
        case LogUniform():
            return FloatDistribution(domain.low, domain.high, log=True)
        case Uniform():
            return FloatDistribution(domain.low, domain.high)


def _parameter(domain: Domain, value: Any) -> Any:
    """What Optuna calls a value; ValueError where the domain does not hold it."""
    if isinstance(domain, Choice):
        return option_place(domain, value)
    if not isinstance(value, int | float) or not domain.low <= value <= domain.high:
        raise ValueError(f"Expected a number from {domain.low} to {domain.high}. Received: {value!r}.")
    return value
