"""What `kerashar study` prints."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from kerashar.studies.page.study_record import StudyRecord


def standing_table(folder: Path) -> Table:
    """Where the study in `folder` stands, stage by stage."""
    record = StudyRecord.read(folder)
    table = Table("stage", "options", "kept", "why", title=f"Study {record.study['name']} on {record.data}")
    decided = dict(enumerate(record.decisions, start=1))
    for number, stage in enumerate(record.stages, start=1):
        if number in decided:
            kept, why = decided[number].kept, decided[number].reason
        else:
            kept, why = ", ".join(map(str, record.parts(number))) or "to come", ""
        table.add_row(f"{number} {stage['name']}", _options(stage), kept, why)
    tested = ", ".join(map(str, record.parts(len(record.stages) + 1))) or "to come"
    table.add_row("look at the test side", "", "done" if record.is_finished else tested, "")
    return table


def results_table(rows: Sequence[dict[str, Any]]) -> Table:
    """The table that a study ends in."""
    table = Table(title="Models: the final ones on the test side, the others on validation")
    for heading in ("stage", "contender", "model", "top-1", "macro F1", "input", "parameters", "FLOPs", "ms", "s"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        prefix = "test_" if row["test_top_1"] is not None else ""
        table.add_row(
            row["stage"],
            row["contender"],
            row["model"],
            *(_share(row, prefix + figure) for figure in ("top_1", "macro_f1")),
            row["input"],
            *("" if row[name] is None else f"{row[name]:,}" for name in ("parameters", "flops")),
            "" if row["milliseconds"] is None else f"{row['milliseconds']:.2f}",
            f"{row['seconds']:.0f}",
        )
    return table


def _options(stage: dict[str, Any]) -> str:
    widths = [f"classes of {100 * width:g} %" for width in stage.get("widths", ())]
    return ", ".join([*stage.get("options", ()), *widths]) or stage["kind"].lower()


def _share(row: dict[str, Any], figure: str) -> str:
    deviation = row[f"{figure}_deviation"]
    return f"{row[figure]:.2%}" + ("" if deviation is None else f" ± {100 * deviation:.2f}")
