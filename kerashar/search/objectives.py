"""What a search wants of its trials, besides the score."""

from collections.abc import Iterable, Sequence
from typing import Literal

from kerashar.names import unknown_name
from kerashar.search.history import FAILED, TrialRecord

Direction = Literal["maximize", "minimize"]
OBJECTIVES: dict[str, Direction] = {
    "score": "maximize",
    "parameters": "minimize",
    "latency_ms": "minimize",
}


def check_objectives(objectives: Sequence[str]) -> None:
    """Refuse unknown objectives, and a search that doesn't look at the score first."""
    for name in objectives:
        if name not in OBJECTIVES:
            raise unknown_name("objective", name, OBJECTIVES)
    if not objectives or objectives[0] != "score" or len(set(objectives)) < len(objectives):
        raise ValueError(f"Expected objectives without repeats, the score first. Received: {tuple(objectives)}.")


def objective_values(trial: TrialRecord, objectives: Sequence[str]) -> list[float] | None:
    """The trial's value of each objective; None where one is not known."""
    known = {"score": trial.score, **trial.measures}
    values = [known.get(name) for name in objectives]
    return None if None in values else [value for value in values if value is not None]


def pareto_front(trials: Iterable[TrialRecord], objectives: Sequence[str]) -> list[TrialRecord]:
    """The trials that no other is at least as good as in all objectives and better in one, best score first."""
    signs = [1 if OBJECTIVES[name] == "maximize" else -1 for name in objectives]
    valued = [
        (trial, tuple(sign * value for sign, value in zip(signs, values, strict=True)))
        for trial in trials
        if trial.status != FAILED and (values := objective_values(trial, objectives)) is not None
    ]
    front: list[TrialRecord] = []
    kept: list[tuple[float, ...]] = []
    # In descending order nothing later can beat what came before in all objectives.
    for trial, values in sorted(valued, key=lambda pair: pair[1], reverse=True):
        if not any(other != values and all(a >= b for a, b in zip(other, values, strict=True)) for other in kept):
            front.append(trial)
            kept.append(values)
    return front
