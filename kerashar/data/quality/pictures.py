"""The pictures of a data set's report, one function each, drawn from its tables."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from kerashar.data.quality.drift import SIGNIFICANT, Drift
from kerashar.data.quality.problem import SEVERITIES, Problem
from kerashar.data.quality.table import Table, rounded
from kerashar.pages.picture import INK, STYLE, Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kerashar.data.window_set import WindowSet

WIDTH = 4.6  # inches: a phone shows it without shrinking the text much
# Blue, orange and purple of medium lightness: apart for colour-blind readers, on white and on black.
COLOURS = {"train": "#2e86c9", "validation": "#a86fc0", "test": "#e0730f", "all": "#2e86c9", "not on a side": "#8a8f98"}
DASHES = {"train": "solid", "validation": "dotted", "test": "dashed", "all": "solid", "not on a side": "dashdot"}
_BINS = 40
_TITLE = 24  # letters above a third of the page's width
_STRONG = 6.0  # robust deviations, where the colours end
_NOTABLE = 2.0  # robust deviations that are worth a number
_FEW = 10  # numbers; more are easier to look at than to read
_NUMBERED = 45, 24  # rows and columns of a heat map; with more, numbers in the cells can't be read
_TALLEST = 9.0  # inches, a screen
_BAR = 0.12  # inches; beside thinner bars no number can be read
_LABEL = 0.14  # inches that a label needs


def new_figure(height: float) -> Figure:
    """A figure of the page's width, and this height in inches."""
    # A little air, since the reader's font may be wider than the one that was measured.
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.08, compress=True))
    FigureCanvasAgg(figure)
    return figure


@matplotlib.rc_context(STYLE)
def class_bars(table: Table, class_names: Sequence[str], things: str = "windows") -> Picture:
    """The share of each class on each side."""
    thick = 0.8 / len(table.rows)
    room = min(0.2 + 0.17 * len(table.rows), _TALLEST / len(class_names))  # inches of a class
    figure = new_figure(0.8 + len(class_names) * room)
    axes = figure.subplots()
    largest = []
    for number, row in enumerate(table.rows):
        counts = np.array([row[name] for name in class_names], dtype=float)
        shares = 100 * counts / max(1, counts.sum())
        places = np.arange(len(class_names)) + (number - (len(table.rows) - 1) / 2) * thick
        side = str(row["side"])
        axes.barh(places, shares, thick * 0.9, color=COLOURS[side], label=f"{side}: {counts.sum():.0f}")
        if room * thick > _BAR:
            for place, share, count in zip(places, shares, counts, strict=True):
                axes.text(share, place, f" {count:.0f}", va="center", fontsize=7.5)
        most, least = int(counts.argmax()), int(counts.argmin())
        largest.append(
            f"On {side} from {counts[least]:.0f} ({words(class_names[least])}) to {counts[most]:.0f} "
            f"({words(class_names[most])})."
            if counts[least] < counts[most]
            else f"On {side} {counts[most]:.0f} each."
        )
    each = _every(len(class_names), room * len(class_names))
    axes.set_yticks(range(0, len(class_names), each), [words(name) for name in class_names[::each]])
    axes.set_ylim(len(class_names) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlabel(f"share of the side's {things} (%)")
    figure.legend(loc="outside upper left", ncols=len(table.rows), fontsize=7.5, handlelength=1, columnspacing=1)
    alt = f"{things.capitalize()} per class. {' '.join(largest)}"
    return Picture.from_figure("Classes on each side", alt, figure)


@matplotlib.rc_context(STYLE)
def subject_map(table: Table, class_names: Sequence[str]) -> Picture:
    """How many windows each subject has of each class."""
    counts = np.array([[row[name] for name in class_names] for row in table.rows])
    labels = [str(row["subject"]) for row in table.rows]
    sides = [str(row["side"]) for row in table.rows]
    figure, axes = _heat_map(counts, labels, [words(name) for name in class_names], "windows", "{:d}", "viridis")
    _mark_sides(axes, sides)
    empty = int((counts == 0).sum())
    alt = (
        f"Windows of {len(labels)} subjects in {len(class_names)} classes, from {counts.min()} to {counts.max()} per "
        f"subject and class{f', with none in {empty} of the cells' if empty else ''}."
    )
    return Picture.from_figure("Subjects and classes", alt, figure)


@matplotlib.rc_context({**STYLE, "font.size": 7.5, "axes.titlesize": 7.5})
def channel_histograms(windows: "WindowSet", sides: Mapping[str, np.ndarray]) -> Picture:
    """How the values of each channel are spread, on each side."""
    data: list[dict[str, Any]] = []
    columns = min(3, len(windows.channels))
    rows = -(-len(windows.channels) // columns)
    figure = new_figure(0.6 + 1.45 * rows)
    figure.supylabel("share of the samples")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in grid[len(windows.channels) :]:
        panel.remove()
    for column, (channel, unit) in enumerate(zip(windows.channels, windows.units, strict=True)):
        values = windows.windows[:, :, column]
        edges = np.linspace(*_span(values), _BINS + 1)
        for side, mask in sides.items():
            # What lies outside is put into the last bins, so that every share counts all samples.
            counts, _ = np.histogram(np.clip(values[mask], edges[0], edges[-1]), edges)
            share = counts / counts.sum()
            grid[column].stairs(share, edges, color=COLOURS[side], linestyle=DASHES[side], label=side)
            data.append(
                {
                    "channel": channel,
                    "side": side,
                    "from": rounded(edges[0]),
                    "to": rounded(edges[-1]),
                    "shares": [rounded(one) for one in share],
                }
            )
        grid[column].set_yscale("log")
        grid[column].set(title=textwrap.fill(words(channel), _TITLE), xlabel=unit, ylim=(3e-4, 1))
        grid[column].set_yticks([1e-3, 1e-2, 1e-1, 1], ["0.1 %", "1 %", "10 %", "100 %"])
        grid[column].minorticks_off()
        if column % columns:
            grid[column].set_yticklabels([])
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=len(sides))
    alt = (
        f"Histograms of {len(windows.channels)} channels for {', '.join(sides)}, on a logarithmic scale. The first "
        "and the last bin hold all that lies beyond; the table Channels has the quantiles."
    )
    return Picture.from_figure("Values of each channel", alt, figure, data)


@matplotlib.rc_context(STYLE)
def deviation_maps(table: Table, channels: Sequence[str]) -> list[Picture]:
    """How far each subject's level and movement lie from everyone's."""
    subjects = [str(row["subject"]) for row in table.rows]
    pictures = []
    meaning = {"level": "mean of a window", "movement": "deviation inside a window"}
    for what in meaning:
        values = np.array([[row[f"{channel}, {what}"] for channel in channels] for row in table.rows], dtype=float)
        columns = [words(one) for one in channels]
        unit = "robust deviations from the middle subject"
        figure, _ = _heat_map(values, subjects, columns, unit, "{:+.0f}", "PuOr", smallest=_NOTABLE)
        row, column = divmod(int(np.abs(values).argmax()), len(columns))
        alt = (
            f"The {what} ({meaning[what]}) of {len(channels)} channels for {len(subjects)} subjects, in robust "
            f"deviations from the middle subject. Farthest: subject {subjects[row]} in {columns[column]}, "
            f"{values[row, column]:+.1f}."
        )
        pictures.append(Picture.from_figure(f"Subjects that stand out: {what}", alt, figure))
    return pictures


@matplotlib.rc_context(STYLE)
def drift_dots(drifts: Sequence[Drift]) -> Picture:
    """Distances between train and test, beside what chance makes of them."""
    figure = new_figure(1.7 + 0.15 * len(drifts))
    panels = figure.subplots(2, 1, sharex=True)
    for panel, what in zip(panels, ("level", "movement"), strict=True):
        part = [one for one in drifts if one.summary == what]
        places = range(len(part))
        panel.barh(places, [one.by_chance for one in part], 0.7, color="#9aa3ad", alpha=0.45, label="by chance, 95 %")
        for significant, marker, name in ((False, "o", "distance"), (True, "D", "drift (p < 0.05)")):
            chosen = [
                (one.distance, place)
                for one, place in zip(part, places, strict=True)
                if (one.corrected < SIGNIFICANT) is significant
            ]
            panel.plot(
                [distance for distance, _ in chosen],
                [place for _, place in chosen],
                marker,
                color=COLOURS["test" if significant else "train"],
                markersize=6,
                label=name,
            )
        panel.set_yticks(places, [words(one.channel) for one in part])
        panel.set_ylim(len(part) - 0.4, -0.6)
        panel.set_title(f"{what} of the windows", loc="left")
    panels[-1].set_xlabel("distance in standard deviations")
    panels[-1].set_xlim(left=0)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=3, fontsize=7.5, handlelength=1.2)
    count = sum(one.corrected < SIGNIFICANT for one in drifts)
    far = max(drifts, key=lambda one: one.distance)
    alt = (
        f"Larger than chance explains: {count or 'none'} of {len(drifts)} distances. Largest: {far.summary} of "
        f"{words(far.channel)}, {far.distance:.2f} deviations, where chance reaches {far.by_chance:.2f}."
    )
    return Picture.from_figure("Drift between train and test", alt, figure)


@matplotlib.rc_context(STYLE)
def problem_map(problems: Iterable[Problem]) -> Picture | None:
    """Which subject has which problem how often; None where a table of a few rows says it as well."""
    theirs = [problem for problem in problems if problem.subject is not None]
    if len(theirs) <= _FEW:
        return None
    kinds = sorted({(SEVERITIES.index(problem.severity), problem.kind) for problem in theirs})
    subjects = sorted({str(problem.subject) for problem in theirs})
    counts = np.zeros((len(subjects), len(kinds)), dtype=int)
    for problem in theirs:
        column = kinds.index((SEVERITIES.index(problem.severity), problem.kind))
        counts[subjects.index(str(problem.subject)), column] += 1
    names = [f"{kind} ({SEVERITIES[rank]})" for rank, kind in kinds]
    figure, _ = _heat_map(np.ma.masked_equal(counts, 0), subjects, names, "problems", "{:d}", "viridis", smallest=1)
    most = counts.sum(axis=1).argmax()
    alt = (
        f"Problems per subject and kind, {len(theirs)} in all, for the {len(subjects)} subjects that have any. Subject "
        f"{subjects[most]} has the most: {counts[most].sum()}."
    )
    return Picture.from_figure("Problems of each subject", alt, figure)


def _heat_map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    unit: str,
    form: str,
    colours: str,
    *,
    smallest: float = 0.0,
) -> tuple[Figure, "Axes"]:
    """Cells coloured by value; values of `smallest` or more are written in, where rows are few enough to read them.

    With negative values, zero is in the middle of the colours.
    """
    numbered = len(rows) <= _NUMBERED[0] and len(columns) <= _NUMBERED[1]
    height = min(0.155 * len(rows), _TALLEST)
    figure = new_figure(1.6 + height)
    axes = figure.subplots()
    high = max(1.0, float(values.max()))
    low, high = (-_STRONG, _STRONG) if values.min() < 0 else (0.0, high)
    mesh = axes.pcolormesh(values, cmap=colours, vmin=low, vmax=high, edgecolor=INK, linewidth=0.15)
    each = _every(len(columns), WIDTH - 1)
    axes.set_xticks(
        np.arange(0, len(columns), each) + 0.5,
        columns[::each],
        rotation=40,
        ha="right",
        rotation_mode="anchor",
        fontsize=7.5,
    )
    each = _every(len(rows), height)
    axes.set_yticks(np.arange(0, len(rows), each) + 0.5, rows[::each], fontsize=7.5)
    axes.set_ylabel("subject")
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if not numbered or low < 0:  # a sign isn't to be seen in colours alone
        bar = figure.colorbar(mesh, ax=axes, location="top", aspect=40, shrink=0.8, pad=0.01)
        bar.set_label(unit, fontsize=7.5)
        bar.ax.tick_params(labelsize=7.5)
        bar.outline.set_visible(False)
    if not numbered:
        return figure, axes
    for (row, column), value in np.ndenumerate(np.ma.filled(values, 0)):
        if abs(value) >= smallest:
            colour = _readable(mesh.get_cmap(), (value - low) / (high - low))
            axes.text(column + 0.5, row + 0.5, form.format(value), ha="center", va="center", fontsize=6.5, color=colour)
    return figure, axes


def _mark_sides(axes: "Axes", sides: Sequence[str]) -> None:
    """Name the side of each block of rows at the right of the map, with a line between blocks."""
    for side in dict.fromkeys(sides):
        first, count = sides.index(side), sides.count(side)
        if first:
            axes.axhline(first, color="white", linewidth=2.5)
        axes.text(
            1.01, first + count / 2, side, transform=axes.get_yaxis_transform(), rotation=90, va="center", fontsize=7.5
        )


def _every(count: int, inches: float) -> int:
    """How many places apart labels have to stand, so that they can be read on this length."""
    return max(1, -(-round(count * _LABEL * 100) // round(inches * 100)))


def _span(values: np.ndarray) -> tuple[float, float]:
    low, high = (float(one) for one in np.quantile(values, (0.001, 0.999)))
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _readable(colours: Colormap, place: float) -> str:
    red, green, blue, _ = colours(place)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def words(name: str) -> str:
    """A name as text."""
    return name.replace("_", " ")
