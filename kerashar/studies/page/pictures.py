"""The pictures of a study's page, one function each."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from kerashar.pages.drawing import BLUE, ORANGE, PLAIN_TEXT, PURPLE, WIDE, WIDTH, new_figure
from kerashar.pages.picture import INK, Picture
from kerashar.search.page.varying_setting import round_numbers
from kerashar.studies.decision import MACRO_F1, Decision, Evidence
from kerashar.studies.head_run import HEAD_FIGURE

FIGURE_NAMES = {MACRO_F1: "macro F1", HEAD_FIGURE: "mean absolute error"}
_MARKS = "os^DvPX"  # by seed, so that the runs on the same subjects can be told
_LINE = 22  # characters of a name on one line


@dataclass(frozen=True)
class WayPoint:
    """What the study had come to after a stage.

    Args:
        stage: its name; of the first point `"start"`.
        kept: what the stage kept; empty where that is what was before.
        score: mean and deviation of macro F1 over the deciding seeds; None of a stage that has not decided.
    """

    stage: str
    kept: str
    score: tuple[float, float] | None


@dataclass(frozen=True)
class Cost:
    """What a model reaches, and what that takes.

    Args:
        run: name of its first run's folder.
        name: as it stands in the table.
        score: macro F1 on the validation side.
        cost: in the picture's own unit.
    """

    run: str
    name: str
    score: float
    cost: float


@matplotlib.rc_context(PLAIN_TEXT)
def way_picture(points: Sequence[WayPoint]) -> Picture:
    """Macro F1 of what the study had come to, from stage to stage."""
    figure = new_figure(3.8, way_width(len(points)))
    axes = figure.subplots()
    scores = [each.score for each in points if each.score is not None]
    places = range(len(scores))
    means, deviations = ([100 * each[column] for each in scores] for column in (0, 1))
    low, high = ([mean + sign * own for mean, own in zip(means, deviations, strict=True)] for sign in (-1, 1))
    ends = [*places, places[-1] + 0.5]
    axes.fill_between(ends, [*low, low[-1]], [*high, high[-1]], step="post", color=BLUE, alpha=0.15, linewidth=0)
    axes.step(ends, [*means, means[-1]], where="post", color=BLUE, linewidth=1.8)
    kept = [place for place, each in enumerate(points) if each.kept]
    axes.plot(kept, [means[place] for place in kept], "o", color=ORANGE, markersize=7, zorder=3)
    for place in kept:
        gain = means[place] - means[place - 1]
        axes.annotate(_signed(gain), (place, means[place]), (0, 7), textcoords="offset points", ha="center", fontsize=8)
    axes.margins(y=0.12)
    names = [_short(each.stage) for each in points]
    axes.set_xticks(range(len(points)), names, rotation=40, ha="right", rotation_mode="anchor", fontsize=8)
    for label, point in zip(axes.get_xticklabels(), points, strict=True):
        label.set_fontweight("bold" if point.kept else "normal")
        label.set_alpha(1.0 if point.score else 0.5)
    axes.set(ylabel="macro F1 (%)", xlim=(-0.3, len(points) - 0.4))
    signs = [Line2D([], [], color=BLUE, linewidth=1.8), Line2D([], [], color=ORANGE, marker="o", linewidth=0)]
    figure.legend(
        signs, ["mean, and deviation over seeds", "something was kept"], loc="outside upper left", ncols=2, fontsize=8
    )
    changed = ", ".join(f"{points[place].stage} ({points[place].kept})" for place in kept)
    alt = (
        f"Validation macro F1 of what the study had come to, from {means[0]:.2f} % at the start to {means[-1]:.2f} % "
        f"after stage {places[-1]} of {len(points) - 1}. "
        + (f"Something was kept at: {changed}." if kept else "No stage kept anything so far.")
    )
    return Picture.from_figure("way", alt, figure)


def way_width(count: int) -> float:
    """Inches of that picture."""
    return max(WIDTH, min(WIDE, 1.2 + 0.75 * count), 1.2 + 0.4 * count)


@matplotlib.rc_context(PLAIN_TEXT)
def stage_picture(number: int, decision: Decision, seeds: Sequence[int], least_gain: float) -> Picture:
    """Each contender's macro F1: a dot for each seed, mean and deviation, and apart what the screening said."""
    rows = decision.evidence
    screens = any(each.screened for each in rows[1:])
    names = [textwrap.fill(each.name, _LINE) for each in rows]
    lines = sum(1 + 0.35 * name.count("\n") for name in names)
    figure = new_figure(1.15 + 0.34 * lines)
    panels = figure.subplots(1, 1 + screens, sharey=True, squeeze=False, width_ratios=[1, 2] if screens else [1])[0]
    axes = panels[-1]
    for place, each in enumerate(rows):
        _draw_runs(axes, place, each, decision.figure, seeds, ORANGE if each.name == decision.kept else BLUE)
        if gain := each.gain:
            text, weight = f"{_signed(100 * gain[0])} ± {100 * gain[1]:.2f}", "bold" if each.holds(least_gain) else None
            axes.text(1.03, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8, weight=weight)
    if before := rows[0].of(decision.figure):
        axes.axvline(100 * before[0], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), alpha=0.6, zorder=1)
    if len(rows) > 1:
        axes.text(1.03, -0.85, "gain", transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.set(ylim=(len(rows) - 0.5, -0.6), xlabel=f"{FIGURE_NAMES[decision.figure]} (%)")
    if screens:
        _draw_screening(panels[0], rows)
    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator(4 if panel is axes else 3))
        panel.tick_params(axis="y", length=0)
        panel.margins(x=0.1)
        panel.tick_params(axis="x", labelsize=8)
        panel.grid(axis="y", color=INK, alpha=0.1)
    signs = [
        Line2D([], [], color=INK, marker=_mark(place), markersize=4, linewidth=0, alpha=0.7)
        for place in range(len(seeds))
    ]
    figure.legend(
        [*signs, Line2D([], [], color=INK, marker="|", markersize=11, markeredgewidth=2)],
        [*(f"seed {seed}" for seed in seeds), "mean ± deviation"],
        loc="outside lower center",
        ncols=min(5, len(seeds) + 1),
        fontsize=8,
        columnspacing=1.2,
        handletextpad=0.4,
    )
    told = "; ".join(f"{each.name} {_words(each, decision.figure)}" for each in rows)
    name = FIGURE_NAMES[decision.figure].capitalize()
    return Picture.from_figure(f"stage {number}", f"{name} of each contender on validation: {told}.", figure)


@matplotlib.rc_context(PLAIN_TEXT)
def cost_picture(title: str, label: str, costs: Sequence[Cost], first: str, last: str) -> Picture:
    """Macro F1 against a cost, with the front: what no other model beats in both.

    Args:
        title: of the picture.
        label: of the cost.
        costs: of all models.
        first: run of the model that the study starts with.
        last: run of the one that it came to.
    """
    figure = new_figure(3.1)
    axes = figure.subplots()
    front = pareto(costs)
    axes.scatter(
        [each.cost for each in costs], [100 * each.score for each in costs], s=18, color=BLUE, alpha=0.6, label="models"
    )
    axes.step(
        [each.cost for each in front],
        [100 * each.score for each in front],
        where="post",
        color=ORANGE,
        linewidth=1.2,
        marker="o",
        markersize=5,
        label="front",
    )
    for run, mark, name in ((first, "s", "start"), (last, "D", "what it came to")):
        if found := [each for each in costs if each.run == run]:
            axes.plot(
                found[0].cost,
                100 * found[0].score,
                mark,
                markersize=11,
                markerfacecolor="none",
                markeredgecolor=PURPLE,
                markeredgewidth=1.6,
                label=name,
                linewidth=0,
                clip_on=False,
            )
    axes.margins(y=0.08)
    low, high = min(each.cost for each in costs), max(each.cost for each in costs)
    if low > 0 and high / low > 5:
        ticks = round_numbers(low, high, is_log=True)
        axes.set_xscale("log")
        axes.set_xticks(ticks, [_count(tick) for tick in ticks])
        axes.set_xticks([], minor=True)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(lambda value, _: _count(value))
    axes.set(xlabel=label, ylabel="macro F1 (%)")
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, columnspacing=1.2, handletextpad=0.4)
    alt = (
        f"Validation macro F1 against {label} of {len(costs)} models. On the front are {len(front)}, from "
        f"{_count(front[0].cost)} with {100 * front[0].score:.2f} % to {_count(front[-1].cost)} with "
        f"{100 * front[-1].score:.2f} %."
    )
    return Picture.from_figure(title, alt, figure)


def pareto(costs: Sequence[Cost]) -> list[Cost]:
    """Those that no other beats in score and cost, the cheapest first."""
    front: list[Cost] = []
    for each in sorted(costs, key=lambda each: (each.cost, -each.score)):
        if not front or each.score > front[-1].score:
            front.append(each)
    return front


def _draw_runs(axes: Axes, place: int, evidence: Evidence, figure: str, seeds: Sequence[int], colour: str) -> None:
    whole = evidence.of(figure)
    if whole is None:
        note = "failed" if evidence.error else "screened out"
        axes.text(0.02, place, note, transform=axes.get_yaxis_transform(), va="center", fontsize=8, alpha=0.65)
        return
    mean, deviation = 100 * whole[0], 100 * whole[1]
    axes.plot(
        [mean - deviation, mean + deviation],
        [place, place],
        color=colour,
        linewidth=5,
        alpha=0.25,
        solid_capstyle="round",
    )
    for number, seed in enumerate(seeds):
        axes.plot(100 * evidence.runs[str(seed)][figure], place, _mark(number), color=colour, markersize=4.5, alpha=0.8)
    axes.plot(mean, place, "|", color=colour, markersize=13, markeredgewidth=2.2)


def _draw_screening(axes: Axes, rows: Sequence[Evidence]) -> None:
    for place, each in enumerate(rows):
        if each.screened:
            axes.plot(
                100 * each.screened["macro_f1"],
                place,
                "o",
                markerfacecolor="none",
                markeredgecolor=BLUE,
                markersize=6,
                markeredgewidth=1.3,
            )
    if rows[0].screened:
        axes.axvline(
            100 * rows[0].screened["macro_f1"], color=INK, linewidth=0.9, linestyle=(0, (4, 3)), alpha=0.6, zorder=1
        )
    axes.set_xlabel("screening")


def _words(evidence: Evidence, figure: str) -> str:
    if evidence.error:
        return "failed"
    whole, gain = evidence.of(figure), evidence.gain
    if whole is None:
        return (
            "was screened out"
            if evidence.screened is None
            else f"was screened out at {100 * evidence.screened['macro_f1']:.2f} %"
        )
    gained = f", gain {_signed(100 * gain[0])} ± {100 * gain[1]:.2f}" if gain else ""
    return f"{100 * whole[0]:.2f} ± {100 * whole[1]:.2f} %{gained}"


def _mark(number: int) -> str:
    return _MARKS[number % len(_MARKS)]


def _short(text: str) -> str:
    return text if len(text) <= 34 else text[:33] + "\u2026"


def _signed(points: float) -> str:
    return f"{points:+.2f}".replace("-", "\u2212")


def _count(number: float) -> str:
    """A number with few characters, such as 163k."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"
