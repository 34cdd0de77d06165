"""All settings of all trials in one picture."""

import textwrap
from collections.abc import Sequence
from itertools import pairwise

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.path import Path

from kerashar.pages.drawing import BLUE, ORANGE, PLAIN_TEXT, PURPLE, WIDE, new_figure
from kerashar.pages.picture import INK, Picture
from kerashar.search.history import TrialRecord
from kerashar.search.page.pictures import GREY, MANY
from kerashar.search.page.varying_setting import VaryingSetting

AXIS = 1.0  # inches, between two axes
_ABSENT = -0.14  # where the lines of trials go that have no such setting
_SPREAD = 0.04  # of lines that share a value, so that they can be told apart
_SHADES = LinearSegmentedColormap.from_list("score", [GREY, BLUE, PURPLE, ORANGE])


@matplotlib.rc_context(PLAIN_TEXT)
def parallel_picture(settings: Sequence[VaryingSetting], ranked: Sequence[TrialRecord]) -> Picture:
    """An axis for each setting and one for the score, and a line for each trial through its values."""
    scores = np.array([100 * (trial.score or 0.0) for trial in ranked])
    high = float(scores.max())
    low = min(float(scores.min()), high - 1.0)  # where all are alike they are all good
    places = np.array([[*_places(settings, trial), 0.0] for trial in ranked], dtype=float)
    places[:, -1] = (scores - low) / (high - low)
    for number, setting in enumerate(settings):
        if setting.options or setting.whole:
            room = _SPREAD / max(1, len(setting.ticks()) - 1)
            places[:, number] += room * (2 * places[:, -1] - 1)
        places[np.isnan(places[:, number]), number] = _ABSENT + 0.04 * places[np.isnan(places[:, number]), -1]

    figure = new_figure(3.9, width_of(settings))
    axes = figure.subplots()
    shade = Normalize(min(float(np.quantile(scores, 0.1)), high - 1.0), high, clip=True)
    colours = _SHADES(shade(scores))
    colours[:, 3] = np.clip(0.25 + 0.7 * shade(scores), 0, 1) * min(0.9, max(0.3, (30 / len(ranked)) ** 0.5))
    colours[0, 3] = 1.0
    lines = PathCollection(
        [_curve(row) for row in places[::-1]],  # the best on top
        facecolors="none",
        edgecolors=colours[::-1],
        linewidths=[1.0] * (len(ranked) - 1) + [2.4],
    )
    if len(ranked) > MANY:
        lines.set_rasterized(True)
        figure.set_dpi(180)
    axes.add_collection(lines)

    for number, setting in enumerate(settings):
        axes.plot([number, number], [0, 1], color=INK, linewidth=0.9, zorder=3)
        ticks = setting.ticks()
        if setting.is_partial:
            ticks.append((_ABSENT, "not drawn"))
        for place, text in ticks:
            _label(axes, number, place, textwrap.shorten(text, 16, placeholder="\u2026"))
    last = len(settings)
    bar = np.linspace(low, high, 64)
    axes.imshow(
        _SHADES(shade(bar))[:, None], extent=(last - 0.03, last + 0.03, 0, 1), origin="lower", aspect="auto", zorder=3
    ).set_gid("scores")
    for score in (low, (low + high) / 2, high):
        place = (score - low) / (high - low)
        axes.text(last + 0.07, place, f"{score:.1f}", va="center", fontsize=8)
    bottom = _ABSENT if any(setting.is_partial for setting in settings) else 0.0
    axes.set(xlim=(-0.35, last + 0.45), ylim=(bottom - 0.05, 1.05))
    names = [textwrap.fill(each.label, 15) + ("\n(log)" if each.is_log else "") for each in settings]
    axes.set_xticks(range(last + 1), [*names, "macro F1 (%)"])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    best = ", ".join(f"{each.label} {each.value(ranked[0])}" for each in settings if each.value(ranked[0]))
    alt = f"Parallel coordinates of {len(ranked)} trials over {last} settings and the score. The best: {best}."
    return Picture.from_figure("all settings", alt, figure)


def width_of(settings: Sequence[VaryingSetting]) -> float:
    """Inches of the picture."""
    return max(WIDE, AXIS * (len(settings) + 1))


def _places(settings: Sequence[VaryingSetting], trial: TrialRecord) -> list[float]:
    found = [setting.place(trial) for setting in settings]
    return [np.nan if place is None else place for place in found]


def _curve(heights: np.ndarray) -> Path:
    """A smooth line through these heights, level at each axis."""
    points, codes = [(0.0, heights[0])], [Path.MOVETO]
    for number, (before, after) in enumerate(pairwise(heights)):
        points += [(number + 0.4, before), (number + 0.6, after), (number + 1.0, after)]
        codes += [Path.CURVE4] * 3
    return Path(points, codes)


def _label(axes: Axes, number: int, place: float, text: str) -> None:
    axes.plot([number - 0.03, number], [place, place], color=INK, linewidth=0.9, zorder=3)
    axes.text(number - 0.06, place, text, ha="right", va="center", fontsize=8, zorder=4)
