"""The pictures of a report, one function each; lines and letters follow the page's colours."""

from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from kerashar.pages.drawing import BLUE, ORANGE, PLAIN_TEXT, PURPLE, WIDTH, new_figure
from kerashar.pages.picture import INK, Picture
from kerashar.report.figures import reliability
from kerashar.report.finished_run import FinishedRun, best_epoch
from kerashar.training.sensor_triples import sensor_triples

if TYPE_CHECKING:
    from kerashar.data.window_set import WindowSet

AXES = {"x": BLUE, "y": ORANGE, "z": PURPLE}
_PANELS = 4  # sensors that have a panel each; of more, those of one unit share it
_MAP = LinearSegmentedColormap.from_list("map", [(0.96, 0.65, 0.14, 0.0), (0.96, 0.65, 0.14, 0.55)])


@matplotlib.rc_context(PLAIN_TEXT)
def confidence_picture(run: FinishedRun, title: str) -> Picture:
    """Reliability: how sure the answers are and how many of them are right; below how many there are."""
    bins = reliability(run.confidence, run.right)
    figure = new_figure(4.6)
    upper, *lower = figure.subplots(3, 1, sharex=True, height_ratios=[3, 1, 1])
    middles = [50 * (each["low"] + each["high"]) for each in bins]
    widths = [90 * (each["high"] - each["low"]) for each in bins]
    upper.bar(middles, [100 * each["right"] for each in bins], widths, color=BLUE, alpha=0.75, label="answers")
    upper.plot([0, 100], [0, 100], "--", color=INK, linewidth=0.9, label="as sure as right")
    upper.set(ylabel="right (%)", ylim=(0, 102), xlim=(0, 100))
    upper.legend(loc="upper left", fontsize=8)
    edges = np.linspace(0, 100, 31)
    for axes, rows, colour, name in ((lower[0], run.right, BLUE, "right"), (lower[1], ~run.right, ORANGE, "wrong")):
        counts, _ = np.histogram(100 * run.confidence[rows], edges)
        axes.bar(edges[:-1], counts, np.diff(edges) * 0.9, align="edge", color=colour, alpha=0.75)
        axes.set_ylabel(f"{name}: {rows.sum():,}")
        axes.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    lower[1].set_xlabel("confidence of the answer (%)")
    sure = max(bins, key=lambda each: each["count"])
    alt = (
        f"Reliability diagram with histograms of confidence. Of the {sure['count']:,} answers given with "
        f"{100 * sure['low']:.0f} to {100 * sure['high']:.0f} % confidence {100 * sure['right']:.1f} % are right. "
        f"{_sure(run.confidence[run.right])} of the right answers and {_sure(run.confidence[~run.right])} of the wrong "
        "ones are given with more than 90 %."
    )
    return Picture.from_figure(title, alt, figure)


@matplotlib.rc_context(PLAIN_TEXT)
def curves_picture(run: FinishedRun, title: str) -> Picture:
    """Loss and macro F1 of each epoch; of several trainings a line each."""
    figure = new_figure(3.9)
    losses, scores = figure.subplots(2, 1, sharex=True)
    alone = len(run.histories) == 1
    for history in run.histories.values():
        epochs, best = range(1, 1 + len(history)), best_epoch(history)
        style: dict[str, Any] = {"linewidth": 1.6} if alone else {"linewidth": 1.0, "alpha": 0.6}
        if "loss" in history[0]:
            losses.plot(epochs, [each["loss"] for each in history], color=BLUE, label="training", **style)
        losses.plot(epochs, [each["val_loss"] for each in history], color=ORANGE, label="validation", **style)
        if "val_macro_f1" in history[0]:
            percent = [100 * each["val_macro_f1"] for each in history]
            scores.plot(epochs, percent, color=ORANGE, **style)
            scores.plot(best, percent[best - 1], "o", color=PURPLE, label="kept")
    losses.set_ylabel("loss")
    scores.set(ylabel="macro F1 (%)", xlabel="epoch")
    scores.xaxis.get_major_locator().set_params(integer=True)
    for axes in (losses, scores):
        handles, names = axes.get_legend_handles_labels()
        kinds = dict(zip(names, handles, strict=True))
        axes.legend(kinds.values(), kinds.keys(), fontsize=8)
    kept = ", ".join(
        f"{name or 'epoch'} {best_epoch(each)} of {len(each)}"
        if not name
        else f"{name}: {best_epoch(each)} of {len(each)}"
        for name, each in run.histories.items()
    )
    alt = f"Curves of loss and of macro F1 on the validation {run.group}s over the epochs. Kept: {kept}."
    return Picture.from_figure(title, alt, figure)


@matplotlib.rc_context(PLAIN_TEXT)
def confusion_picture(run: FinishedRun, title: str) -> Picture:
    """What is taken for what, of so many classes that a table of them can't be read."""
    counts = np.array(run.metrics.confusion)
    shares = 100 * counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    figure = new_figure(WIDTH)
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="viridis", vmin=0, vmax=100)
    each = -(-len(counts) // 30)  # names that can be read
    places = range(0, len(counts), each)
    axes.set_xticks(places, [run.class_names[place] for place in places], rotation=90, fontsize=6)
    axes.set_yticks(places, [run.class_names[place] for place in places], fontsize=6)
    axes.set(xlabel="taken for", ylabel="true class")
    figure.colorbar(image, ax=axes, label=f"{run.item}s of the class (%)", shrink=0.8)
    alt = (
        f"Confusion matrix of {len(counts)} classes as a map of colours. {100 * run.metrics.accuracy:.1f} % of "
        f"{run.metrics.count:,} {run.item}s lie on its diagonal."
    )
    return Picture.from_figure(title, alt, figure)


@matplotlib.rc_context(PLAIN_TEXT)
def window_picture(samples: "WindowSet", row: int, seen: np.ndarray | None, title: str, alt: str) -> Picture:
    """A window, a panel for each sensor, on the places `seen` that speak for the answer."""
    panels = _panels(samples)
    figure = new_figure(0.5 + 0.85 * len(panels))
    seconds = np.arange(samples.window_shape[0]) / samples.rate
    for number, (axes, (label, channels)) in enumerate(
        zip(figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0], panels.items(), strict=True)
    ):
        for place, channel in enumerate(channels):
            axis = samples.channels[channel].rpartition("_")[2]
            colour = AXES.get(axis, f"C{place % 10}")
            name = axis if axis in AXES else samples.channels[channel]
            axes.plot(seconds, samples.windows[row, :, channel], color=colour, linewidth=1.1, label=name)
        if seen is not None:
            low, high = axes.get_ylim()
            extent = (seconds[0], seconds[-1], low, high)
            image = axes.imshow(seen[None], extent=extent, aspect="auto", cmap=_MAP, vmin=0, vmax=1, zorder=0)
            image.set_gid(f"map-{number}")  # else equal images have one name, which a page may have once
        axes.set_title(label, loc="left", fontsize=8, pad=3)
        if number == 0 and len(channels) <= len(AXES):
            figure.legend(loc="outside upper right", ncols=len(channels), fontsize=8, handlelength=1)
    figure.axes[-1].set_xlabel("seconds")
    return Picture.from_figure(title, alt, figure)


def _panels(samples: "WindowSet") -> dict[str, list[int]]:
    """The channels of each panel, under its title."""
    triples = sensor_triples(samples.channels) or []
    alone = [(number,) for number in range(len(samples.channels)) if not any(number in each for each in triples)]
    sensors = sorted([*triples, *alone])
    if len(sensors) <= _PANELS:
        names = [
            samples.channels[first].removesuffix("_x" if rest else "").replace("_", " ") for first, *rest in sensors
        ]
        return {
            f"{name} ({samples.units[numbers[0]]})": list(numbers) for name, numbers in zip(names, sensors, strict=True)
        }
    units: dict[str, list[int]] = {}
    for number, unit in enumerate(samples.units):
        units.setdefault(unit, []).append(number)
    return units


def _sure(confidence: np.ndarray) -> str:
    return f"{100 * (confidence > 0.9).mean():.0f} %" if len(confidence) else "none"
