"""Who trained which trial when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kerashar.search.history import ENDS
from kerashar.search.page.search_record import SearchRecord

Worker = tuple[str, int]  # the node, and the process there


@dataclass
class Stretch:
    """Some time for which a trial was trained without a break.

    Args:
        trial: which.
        begin: seconds that the search had been running.
        end: likewise.
        worker: who trained it; None where an older version didn't note it.
        row: on which it is drawn.
    """

    trial: str
    begin: float
    end: float
    worker: Worker | None = None
    row: int = 0


def find_stretches(record: SearchRecord) -> list[Stretch]:
    """All stretches of a search, in the order they began; without rows."""
    found: list[Stretch] = []
    open_ones: dict[str, Stretch] = {}
    is_noted = False  # who trains; older versions didn't, and didn't note when a search was taken up either
    for seconds, event in record.events:
        kind, trial = event["event"], event.get("trial", "")
        if kind == "opened":
            is_noted = True
            _end_all(open_ones, seconds)
            open_ones = {}
        elif kind == "began" or (kind == "suggested" and not is_noted):
            worker = (event["node"], event["worker"]) if kind == "began" else None
            # Whatever this worker trained until now is paused.
            open_ones = {name: each for name, each in open_ones.items() if worker is None or each.worker != worker}
            open_ones[trial] = Stretch(trial, seconds, seconds, worker)
            found.append(open_ones[trial])
        elif trial in open_ones:
            open_ones[trial].end = seconds
            if kind in ENDS:
                del open_ones[trial]
    _end_all(open_ones, record.seconds)
    return found


def place_stretches(stretches: Sequence[Stretch]) -> list[str]:
    """Give each stretch its row, and return the names of the rows: those of a node together, of as few as hold them.

    A worker keeps its row; one that takes its place later, such as after a resume, has the same.
    """
    names: list[str] = []
    for node in dict.fromkeys(_node(each) for each in stretches):
        here = [each for each in stretches if _node(each) == node]
        whole: dict[Any, list[Stretch]] = {}
        for number, stretch in enumerate(here):
            whole.setdefault(stretch.worker or number, []).append(stretch)
        slots = _pack((each[0].begin, max(one.end for one in each)) for each in whole.values())
        for slot, each in zip(slots, whole.values(), strict=True):
            for stretch in each:
                stretch.row = len(names) + slot
        names += [f"{node} {slot}" if node else "" for slot in range(1, max(slots) + 2)]
    return names


def _end_all(stretches: dict[str, Stretch], seconds: float) -> None:
    """They last until the search does, or was broken off."""
    for stretch in stretches.values():
        stretch.end = seconds


def _node(stretch: Stretch) -> str:
    return stretch.worker[0] if stretch.worker else ""


def _pack(spans: Iterable[tuple[float, float]]) -> list[int]:
    """For each span the first row that is free for it; spans come in the order they begin."""
    ends: list[float] = []
    rows = []
    for begin, end in spans:
        row = next((number for number, last in enumerate(ends) if last <= begin), len(ends))
        ends[row:] = [end, *ends[row + 1 :]]
        rows.append(row)
    return rows
