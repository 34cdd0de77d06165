"""`kerashar runs compare`: runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from kerashar.runs.comparison import Row


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, at least two.")],
    picture: Annotated[Path | None, typer.Option(help="Draw the learning curves into this file.")] = None,
) -> None:
    """Show figures on record and settings that differ side by side; of a search those of its best trial.

    Whether a difference is more than chance is another question: see `kerashar compare` and `kerashar report`.
    """
    from rich.console import Console

    from kerashar.runs import RunComparison

    comparison = RunComparison.of(runs)
    console = Console(highlight=False)
    names = [str(run) for run in runs]
    console.print(_table("Figures on record", names, comparison.figures()))
    if settings := comparison.settings():
        console.print(_table("Settings that differ (empty: a default of the model, or none)", names, settings))
    else:
        console.print("No setting differs.")
    if not comparison.same_windows():
        console.print("The runs had other windows: their figures don't compare.", style="yellow", soft_wrap=True)
    if picture:
        comparison.draw(picture)
        console.print(f"Picture: {picture}", markup=False, soft_wrap=True)
    console.print(
        "Whether one is better beyond chance, paired by subject: kerashar compare (cross-validations), kerashar report "
        "(any two on the same windows).",
        soft_wrap=True,
    )


def _table(title: str, names: list[str], rows: "list[Row]") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table("", *map(escape, names), title=title)
    for name, values in rows:
        table.add_row(escape(name), *map(escape, values))
    return table
