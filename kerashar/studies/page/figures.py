"""Figures over seeds as text."""

from collections.abc import Sequence
from statistics import mean, stdev

from kerashar.pages.filling import points

Figure = tuple[float | None, float | None] | None  # mean and deviation


def of_seeds(values: Sequence[float]) -> Figure:
    """Mean and deviation."""
    return mean(values), stdev(values)


def pair_text(figure: Figure) -> str:
    """Mean and deviation of a share."""
    if figure is None or figure[0] is None:
        return ""
    return f"{100 * figure[0]:.2f}" + ("" if figure[1] is None else f" ± {100 * figure[1]:.2f}") + " %"


def gain_text(figure: Figure) -> str:
    """Mean and deviation of a difference of shares, in points."""
    if figure is None or figure[0] is None:
        return ""
    return points(figure[0], 2) + ("" if figure[1] is None else f" ± {100 * figure[1]:.2f}")
