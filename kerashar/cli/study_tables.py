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
    """The table that a study ends in; each row takes two lines, so that it fits a narrow terminal."""
    table = Table(title="Models: the final ones on the test side, the others on validation", show_lines=True)
    table.add_column("contender\nstage", overflow="fold")
    table.add_column("model\ninput", overflow="fold")
    for heading in ("top-1\nmacro F1", "parameters\nFLOPs", "ms for one\ntraining s"):
        table.add_column(heading, no_wrap=True, justify="right")
    for row in rows:
        prefix = "test_" if row["test_top_1"] is not None else ""
        milliseconds = "" if row["milliseconds"] is None else f"{row['milliseconds']:.2f}"
        table.add_row(
            f"{row['contender']}\n{row['stage']}",
            f"{row['model']}\n{row['input']}",
            "\n".join(_share(row, prefix + figure) for figure in ("top_1", "macro_f1")),
            "\n".join("" if row[name] is None else f"{row[name]:,.0f}" for name in ("parameters", "flops")),
            f"{milliseconds}\n{row['seconds']:.0f}",
        )
    return table


def _options(stage: dict[str, Any]) -> str:
    match stage["kind"]:
        case "SmallSearch":
            return f"a search of {stage['trials']} trials"
        case "HeadComparison":
            return ", ".join(f"classes of {100 * width:g} %" for width in stage["widths"])
        case "Joining":
            return f"an ensemble of {stage['members']}"
        case "Distilling":
            return f"a student of {stage['members']}"
        case _:
            return ", ".join(stage["options"])


def _share(row: dict[str, Any], figure: str) -> str:
    deviation = row[f"{figure}_deviation"]
    return f"{row[figure]:.2%}" + ("" if deviation is None else f" ± {100 * deviation:.2f}")
