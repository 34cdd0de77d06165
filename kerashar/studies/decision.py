"""What a stage decided, and by which evidence."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import mean, stdev
from typing import Any

from kerashar.studies.contender import Contender

AS_BEFORE = "as before"
MACRO_F1 = "macro_f1"
_GAINS = {
    MACRO_F1: "points of macro F1",
    "mean_absolute_error": "points in mean absolute error",
}
Figures = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What was measured of one contender of a stage.

    Args:
        name: of the contender; what the study had come to is `"as before"`.
        contender: as plain data; what the study goes on with where it is kept.
        screened: figures with the screening seed; None where there was no need.
        runs: by deciding seed the figures; empty of one that was screened out or failed.
        error: why it failed; empty otherwise.
        gains: by seed, in order, by how much its figure is better than that of the first.
    """

    name: str
    contender: dict[str, Any]
    screened: Figures | None
    runs: dict[str, Figures]
    error: str
    gains: list[float]

    def of(self, figure: str) -> tuple[float, float] | None:
        """Mean and deviation of a figure over the deciding seeds; None where there are none."""
        values = [run[figure] for run in self.runs.values() if figure in run]
        return (mean(values), stdev(values)) if len(values) > 1 else None

    @property
    def gain(self) -> tuple[float, float] | None:
        """Mean and deviation of the gains."""
        return (mean(self.gains), stdev(self.gains)) if len(self.gains) > 1 else None

    def holds(self, least_gain: float) -> bool:
        """Whether the gain is above its deviation over seeds, and worth it."""
        return self.gain is not None and self.gain[0] > self.gain[1] and self.gain[0] >= least_gain


@dataclass(frozen=True)
class Decision:
    """What a stage decided.

    Args:
        stage: its name.
        kept: name of the contender that the study goes on with.
        reason: why, in a sentence.
        evidence: of each contender; first the one that the others are compared with, mostly `"as before"`.
        figure: which of the runs' figures the gains are of: macro F1, or the mean absolute error, of which less is
            better.
    """

    stage: str
    kept: str
    reason: str
    evidence: tuple[Evidence, ...]
    figure: str = MACRO_F1

    @property
    def keeps_first(self) -> bool:
        """Whether nothing was better than what the others are compared with."""
        return self.kept == self.evidence[0].name

    @property
    def contender(self) -> Contender:
        """The one that was kept."""
        return Contender.from_json(next(each.contender for each in self.evidence if each.name == self.kept))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Decision":
        evidence = tuple(Evidence(**each) for each in data["evidence"])
        return cls(data["stage"], data["kept"], data["reason"], evidence, data.get("figure", MACRO_F1))


def decide(stage: str, evidence: tuple[Evidence, ...], least_gain: float, figure: str = MACRO_F1) -> Decision:
    """Keep the option with the highest gain of those that hold, or the first, which the others are compared with.

    Args:
        stage: its name.
        evidence: of each contender.
        least_gain: in the figure.
        figure: that the gains are of.
    """
    first = evidence[0].name
    measured = [(each.gain[0], each) for each in evidence[1:] if each.gain is not None]
    holding = [pair for pair in measured if pair[1].holds(least_gain)]
    if holding:
        _, best = max(holding, key=lambda pair: pair[0])
        reason = f"{best.name} gains {_points(best.gains, figure)} over {len(best.gains)} seeds."
        return Decision(stage, best.name, reason, evidence, figure)
    if not measured:
        return Decision(stage, first, "No option could be measured.", evidence, figure)
    _, best = max(measured, key=lambda pair: pair[0])
    reason = f"No gain holds: the best, {best.name}, is {_points(best.gains, figure)}."
    return Decision(stage, first, reason, evidence, figure)


def _points(gains: list[float], figure: str) -> str:
    return f"{100 * mean(gains):+.2f} ± {100 * stdev(gains):.2f} {_GAINS[figure]}"
