"""Which worker trained what when, as a picture."""

from collections.abc import Sequence

import matplotlib
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Patch

from kerashar.pages.drawing import BLUE, ORANGE, PLAIN_TEXT, PURPLE, WIDE, new_figure
from kerashar.pages.picture import Picture
from kerashar.search.history import COMPLETED, FAILED, RUNNING, STOPPED
from kerashar.search.page.pictures import GREY, RED, duration, mark_pauses, time_unit
from kerashar.search.page.search_record import SearchRecord
from kerashar.search.page.stretches import Stretch

_COLOURS = {COMPLETED: BLUE, STOPPED: GREY, FAILED: RED, RUNNING: PURPLE}
_LETTER = 0.075  # inches


@matplotlib.rc_context(PLAIN_TEXT)
def timeline_picture(record: SearchRecord, stretches: Sequence[Stretch], rows: Sequence[str]) -> Picture:
    """A bar for each stretch, on its row, coloured by how its trial ended."""
    unit, name = time_unit(record.seconds)
    thick = 0.24 if len(rows) <= 24 else 0.14
    figure = new_figure(0.85 + thick * len(rows), WIDE)
    axes = figure.subplots()
    best = next((trial.trial for trial in record.ranked), None)
    bars = sorted(stretches, key=lambda each: each.trial == best)  # its edge on top
    axes.add_collection(
        PolyCollection(
            [_corners(each, unit) for each in bars],
            facecolors=[to_rgba(_COLOURS[record.trials[each.trial].status], 0.85) for each in bars],
            edgecolors=[ORANGE if each.trial == best else "none" for each in bars],
            linewidths=2.0,
            zorder=2,
        )
    )
    room = 0.85 * WIDE / max(record.seconds, 1e-9)  # inches of a second
    for stretch in bars if thick > 0.2 else ():
        if (stretch.end - stretch.begin) * room > _LETTER * len(stretch.trial) + 0.05:
            middle = (stretch.begin + stretch.end) / 2 / unit
            axes.text(middle, stretch.row, stretch.trial, ha="center", va="center", fontsize=7, color="white", zorder=4)
    mark_pauses(axes, record.pauses, unit)
    axes.set_yticks(range(len(rows)), rows, fontsize=8 if thick > 0.2 else 6)
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, record.seconds / unit or 1), xlabel=f"{name} of running")
    axes.tick_params(axis="y", length=0)
    kinds = [kind for kind in _COLOURS if any(record.trials[each.trial].status == kind for each in stretches)]
    signs = [Patch(facecolor=_COLOURS[kind], alpha=0.85, label=kind) for kind in kinds]
    if best is not None:
        signs.append(Patch(facecolor="none", edgecolor=ORANGE, linewidth=2.0, label="best"))
    figure.legend(handles=signs, loc="outside upper right", ncols=len(signs), fontsize=8, handlelength=1.2)
    busy = busy_share(record, stretches, len(rows))
    longest = max(stretches, key=lambda each: each.end - each.begin)
    alt = (
        f"{len(stretches)} bars on {len(rows)} rows over {record.seconds / unit:.1f} {name}: the rows are busy for "
        f"{100 * busy:.0f} % of the time. The longest is trial {longest.trial} with "
        f"{duration(longest.end - longest.begin)}."
    )
    return Picture.from_figure("workers", alt, figure)


def busy_share(record: SearchRecord, stretches: Sequence[Stretch], rows: int) -> float:
    """For which share of the time the rows have a bar."""
    return sum(each.end - each.begin for each in stretches) / max(1e-9, rows * record.seconds)


def _corners(stretch: Stretch, unit: float) -> list[tuple[float, float]]:
    begin, end, top, bottom = stretch.begin / unit, stretch.end / unit, stretch.row - 0.4, stretch.row + 0.4
    return [(begin, top), (end, top), (end, bottom), (begin, bottom)]
