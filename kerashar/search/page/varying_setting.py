"""A setting that is not the same in all trials, and where its values lie on an axis."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from kerashar.names import in_counting_order
from kerashar.search.domains import GROUPS, MODEL, LogUniform, Uniform
from kerashar.search.history import TrialRecord

_WIDE = 20  # times the smallest value, from which on an axis is logarithmic
_TICKS = 6


@dataclass(frozen=True)
class VaryingSetting:
    """A setting with the values that trials have of it.

    Args:
        name: in full, such as `"training.learning_rate"`.
        label: the same for people.
        low: smallest value, of numbers.
        high: largest.
        options: all values as text, of what isn't a number; else none.
        is_log: whether its axis is logarithmic.
        whole: the different values, of a few whole numbers.
        is_partial: whether some trials have no such setting.
    """

    name: str
    label: str
    low: float = 0.0
    high: float = 1.0
    options: Sequence[str] = ()
    is_log: bool = False
    whole: Sequence[int] = ()
    is_partial: bool = False

    @classmethod
    def of(cls, name: str, label: str, trials: Sequence[TrialRecord], domain: Any = None) -> "VaryingSetting":
        """The setting as these trials have it; one that is drawn evenly is not put on a logarithmic axis."""
        values = [trial.settings[name] for trial in trials if name in trial.settings]
        partial = len(values) < len(trials)
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            return cls(name, label, options=in_counting_order({_text(value) for value in values}), is_partial=partial)
        low, high = min(values), max(values)
        different = sorted(set(values))
        whole = different if len(different) <= _TICKS and all(isinstance(each, int) for each in different) else ()
        is_even = isinstance(domain, Uniform) and not isinstance(domain, LogUniform)
        return cls(name, label, low, high, (), not is_even and low > 0 and high / low > _WIDE, whole, partial)

    def value(self, trial: TrialRecord) -> str:
        """The trial's value as text; empty where it has none."""
        return _text(trial.settings[self.name]) if self.name in trial.settings else ""

    def place(self, trial: TrialRecord) -> float | None:
        """Where the trial's value lies between the smallest, 0, and the largest, 1; None where it has none."""
        if self.name not in trial.settings:
            return None
        if self.options:
            return self.options.index(self.value(trial)) / max(1, len(self.options) - 1)
        return self.place_of(trial.settings[self.name])

    def place_of(self, number: float) -> float:
        if self.low == self.high:
            return 0.5
        if self.is_log:
            return math.log(number / self.low) / math.log(self.high / self.low)
        return (number - self.low) / (self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Places worth a label."""
        if self.options:
            return [(number / max(1, len(self.options) - 1), option) for number, option in enumerate(self.options)]
        if self.whole or self.low == self.high:
            numbers: Sequence[float] = self.whole or [self.low]
        else:
            numbers = round_numbers(self.low, self.high, self.is_log)
        return [(self.place_of(number), f"{number:g}") for number in numbers]


def varying_settings(trials: Iterable[TrialRecord], domains: Mapping[str, Any]) -> list[VaryingSetting]:
    """The settings in which trials that have them differ: the model, then its own, then all others.

    Args:
        trials: those with a score.
        domains: what each setting was drawn from, as far as that is known.
    """
    trials = list(trials)
    names = dict.fromkeys(name for trial in trials for name in trial.settings)
    found = [name for name in names if len({str(each.settings[name]) for each in trials if name in each.settings}) > 1]
    found.sort(key=lambda name: (name != MODEL, name.split(".", 1)[0] in GROUPS and not name.startswith("model.")))
    return [VaryingSetting.of(name, _label(name, found), trials, domains.get(name)) for name in found]


def round_numbers(low: float, high: float, is_log: bool) -> list[float]:
    """A few numbers from `low` to `high` that are short to write."""
    if not is_log:
        return [each for each in MaxNLocator(4).tick_values(low, high) if low <= each <= high]
    decades = 10.0 ** np.arange(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for steps in ((1,), (1, 3), (1, 2, 5)):
        found = sorted(step * decade for step in steps for decade in decades if low <= step * decade <= high)
        if len(found) > 1:
            break
    return found


def _label(name: str, names: Sequence[str]) -> str:
    """The name without its group, unless another group has one like it."""
    if name == MODEL:
        return "model"
    key = name.split(".", 1)[-1]
    alone = sum(other.split(".", 1)[-1] == key for other in names) == 1
    return (key if alone else name).replace("_", " ").replace(".", " ")


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
