"""The pictures of a search's page, one function each; those of its workers and of all settings stand by themselves."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from kerashar.pages.drawing import BLUE, ORANGE, PLAIN_TEXT, new_figure
from kerashar.pages.picture import INK, Picture
from kerashar.search.history import COMPLETED, FAILED, RUNNING, STOPPED, TrialRecord
from kerashar.search.objectives import objective_values
from kerashar.search.page.search_record import Pause, SearchRecord
from kerashar.search.page.varying_setting import VaryingSetting, round_numbers
from kerashar.search.rules import Rung

GREY, RED = "#8a8f98", "#d1344b"
MANY = 150  # lines or points, of which more are drawn as pixels: a page of a thousand trials stays small
_SHARP = 200  # pixels for an inch
_MARKERS = {COMPLETED: "o", STOPPED: "x", FAILED: "v", RUNNING: "."}


@matplotlib.rc_context(PLAIN_TEXT)
def progress_picture(record: SearchRecord) -> Picture:
    """The best score so far, and each trial's at its end."""
    ends = [(seconds, record.trials[event["trial"]]) for seconds, event in record.events if _is_end(record, event)]
    trials = [trial for _, trial in ends]
    seconds = np.array([each for each, _ in ends])
    scores = np.array([100 * (trial.score or 0.0) for trial in trials])
    best = np.maximum.accumulate(scores)
    unit, name = time_unit(record.seconds)
    figure = new_figure(3.1)
    axes = figure.subplots()
    colours = [_colour(trial.status) for trial in trials]
    dots = axes.scatter(seconds / unit, scores, s=14, c=colours, alpha=0.8, label="end of a trial")
    line_ends = np.append(seconds, record.seconds) / unit
    axes.step(line_ends, np.append(best, best[-1]), where="post", color=ORANGE, linewidth=1.8, label="best so far")
    mark_pauses(axes, record.pauses, unit)
    axes.set(xlabel=f"{name} of running", ylabel="macro F1 (%)", xlim=(0, record.seconds / unit * 1.02 or 1))
    low = max(float(np.quantile(scores, 0.1)), best[-1] - 40.0)  # a few that diverged would flatten the rest
    axes.set_ylim(min(low, best[0]) - 1.0, best[-1] + 1.0 + 0.05 * (best[-1] - low))
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    _make_light(figure, len(scores), [dots])
    found = seconds[np.argmax(scores)]
    alt = (
        f"The best macro F1 so far over the time of running, from {best[0]:.1f} % after the first trial to "
        f"{best[-1]:.1f} %, which was reached after {found / unit:.1f} of {record.seconds / unit:.1f} {name}."
    )
    return Picture.from_figure("best score", alt, figure)


@matplotlib.rc_context(PLAIN_TEXT)
def curves_picture(record: SearchRecord, rungs: Sequence[Rung]) -> Picture:
    """Macro F1 of each trial over its epochs."""
    trials = [trial for trial in record.trials.values() if trial.reports]
    best = next(iter(record.ranked), None)
    figure = new_figure(3.1)
    axes = figure.subplots()
    drawn: list[Any] = []
    alpha = max(0.2, 0.75 - len(trials) / 150)
    others = [trial for trial in trials if trial is not best]
    for status in dict.fromkeys(trial.status for trial in others):
        curves = [_curve(trial) for trial in others if trial.status == status]
        colour = _colour(status)
        drawn.append(axes.add_collection(LineCollection(curves, colors=colour, alpha=alpha, linewidths=1.0)))
        ends = np.array([curve[-1] for curve in curves])
        drawn.append(axes.scatter(*ends.T, s=16, color=colour, alpha=alpha, marker=_MARKERS[status]))
    if best:
        axes.plot(*_curve(best).T, color=ORANGE, linewidth=2.2, marker=_MARKERS[best.status], markevery=[-1])
    rungs = [rung for rung in rungs if rung.reached]
    for rung in rungs:
        axes.axvline(rung.epoch, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), alpha=0.55, zorder=1)
        at_end = rung.epoch == record.settings.epochs
        text = str(rung.reached) if at_end else f"{rung.passed} of {rung.reached}"
        axes.text(rung.epoch, 1.01, text, transform=axes.get_xaxis_transform(), ha="center", fontsize=8)
    axes.set(xlabel="epoch", ylabel="macro F1 (%)", xlim=(0.5, record.settings.epochs + 0.5))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.autoscale_view(scalex=False)
    kinds = {trial.status for trial in others}
    signs = {
        "best": Line2D([], [], color=ORANGE, linewidth=2.2),
        COMPLETED: Line2D([], [], color=BLUE, marker="o", markersize=4),
        STOPPED: Line2D([], [], color=GREY, marker="x", markersize=4),
        RUNNING: Line2D([], [], color=BLUE, marker="."),
        FAILED: Line2D([], [], color=RED, marker="v", markersize=4),
    }
    shown = {kind: sign for kind, sign in signs.items() if kind in kinds or (kind == "best" and best)}
    figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=len(shown), fontsize=8)
    _make_light(figure, len(others), drawn)
    judging = [rung for rung in rungs if rung.epoch < record.settings.epochs]
    passed = ", ".join(f"{rung.passed} of {rung.reached} at epoch {rung.epoch}" for rung in judging)
    alt = f"Macro F1 on the validation side over the epochs, a line for each of {len(trials)} trials."
    if best:
        alt += f" The best is trial {best.trial} with {100 * (best.score or 0):.1f} %."
    return Picture.from_figure("learning curves", alt + (f" Passed a rung: {passed}." if judging else ""), figure)


@matplotlib.rc_context(PLAIN_TEXT)
def setting_picture(setting: VaryingSetting, ranked: Sequence[TrialRecord]) -> Picture:
    """The score of each trial against one setting."""
    having = [trial for trial in ranked if setting.name in trial.settings]
    scores = np.array([100 * (trial.score or 0.0) for trial in having])
    places = np.array([setting.place(trial) for trial in having], dtype=float)
    figure = new_figure(2.3, 3.0)
    axes = figure.subplots()
    spread = np.zeros(len(having))
    if setting.options or setting.whole:  # else points of the same place hide each other
        spread = np.random.default_rng(0).uniform(-0.06, 0.06, len(having)) / max(1, len(setting.ticks()) - 1)
    colours = [ORANGE if trial is ranked[0] else _colour(trial.status) for trial in having]
    sizes = [40 if trial is ranked[0] else 14 for trial in having]
    points = axes.scatter(places + spread, scores, s=sizes, c=colours, alpha=0.8)
    ticks = setting.ticks()
    axes.set_xticks([place for place, _ in ticks], [_short(text) for _, text in ticks], fontsize=8)
    if sum(len(_short(text)) for _, text in ticks) > 34:
        axes.tick_params(axis="x", rotation=30)
    axes.set(xlim=(-0.12, 1.12), ylabel="macro F1 (%)", xlabel=setting.label + (" (log)" if setting.is_log else ""))
    _make_light(figure, len(having), [points])
    best = setting.value(having[0])
    alt = f"Macro F1 against {setting.label}, of {len(having)} trials; the best of them has {setting.label} {best}."
    return Picture.from_figure(f"setting {setting.name}", alt, figure)


@matplotlib.rc_context(PLAIN_TEXT)
def front_picture(record: SearchRecord, objective: str, front: Sequence[TrialRecord]) -> Picture:
    """The score against another objective, with the trials of the front."""
    valued = {trial.trial: objective_values(trial, ("score", objective)) for trial in record.ranked}
    known = {name: values for name, values in valued.items() if values is not None}
    chosen = sorted((known[trial.trial] for trial in front), key=lambda values: values[1])
    figure = new_figure(3.1)
    axes = figure.subplots()
    scores, costs = np.array([*known.values()]).T
    points = axes.scatter(costs, 100 * scores, s=16, color=BLUE, alpha=0.6, label="trials")
    line = "-" if len(record.settings.objectives) == 2 else ""
    axes.plot(
        [cost for _, cost in chosen],
        [100 * score for score, _ in chosen],
        line,
        marker="o",
        color=ORANGE,
        markersize=6,
        linewidth=1.2,
        drawstyle="steps-post",
        label="front",
    )
    if costs.min() > 0 and costs.max() / costs.min() > 5:
        ticks = round_numbers(costs.min(), costs.max(), is_log=True)
        axes.set_xscale("log")
        axes.set_xticks(ticks, [f"{number:,.6g}" for number in ticks])
        axes.set_xticks([], minor=True)
    label = {"latency_ms": "milliseconds for one window"}.get(objective, objective)
    axes.set(xlabel=label, ylabel="macro F1 (%)")
    figure.legend(loc="outside lower center", ncols=2, fontsize=8)
    _make_light(figure, len(known), [points])
    alt = (
        f"Macro F1 against {label} of {len(known)} trials. On the front are {len(chosen)}, from "
        f"{chosen[0][1]:,.6g} with {100 * chosen[0][0]:.1f} % to {chosen[-1][1]:,.6g} with {100 * chosen[-1][0]:.1f} %."
    )
    return Picture.from_figure(f"front {objective}", alt, figure)


def time_unit(seconds: float) -> tuple[float, str]:
    """The unit in which so many seconds are told best: how many seconds it has, and its name."""
    return (3600.0, "hours") if seconds > 7200 else (60.0, "minutes") if seconds > 120 else (1.0, "seconds")


def duration(seconds: float) -> str:
    """A time as text."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
    return f"{seconds // 86400} days {seconds % 86400 // 3600} h"


def mark_pauses(axes: Axes, pauses: Sequence[Pause], unit: float) -> None:
    """A line for each time at which the search was broken off; for how long stands above it."""
    for pause in pauses:
        axes.axvline(pause.at / unit, color=INK, linewidth=1.2, linestyle=(0, (1, 1)), zorder=5)
        text = f"pause of {duration(pause.seconds)}"
        axes.text(pause.at / unit, 1.01, text, transform=axes.get_xaxis_transform(), ha="center", fontsize=8)


def _make_light(figure: Any, count: int, artists: Sequence[Any]) -> None:
    """Many lines or points as pixels."""
    if count > MANY:
        figure.set_dpi(_SHARP)
        for artist in artists:
            artist.set_rasterized(True)


def _colour(status: str) -> str:
    return {FAILED: RED, STOPPED: GREY}.get(status, BLUE)


def _curve(trial: TrialRecord) -> np.ndarray:
    """Epochs and scores in percent, `(epochs, 2)`."""
    return np.array([(report["epoch"], 100 * report["val_macro_f1"]) for report in trial.reports])


def _is_end(record: SearchRecord, event: dict[str, Any]) -> bool:
    """Whether the event ends a trial that has a score."""
    trial = record.trials.get(event.get("trial", ""))
    return event["event"] in (COMPLETED, STOPPED) and trial is not None and trial.score is not None


def _short(text: str) -> str:
    return text if len(text) <= 14 else text[:13] + "\u2026"
