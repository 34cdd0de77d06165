"""`kerashar runs clean`: free the space of what nobody needs of runs."""

from pathlib import Path
from typing import Annotated

import typer

DAYS = 30.0


def clean(
    folder: Annotated[Path, typer.Argument(help="Where the runs are, or one run.")] = Path("runs"),
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise only say what would go.")] = False,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Remove old unfinished runs as a whole, too.")] = (
        False
    ),
    older_than: Annotated[
        float | None, typer.Option(min=0, help=f"Days since an unfinished run was last written; by default {DAYS:g}.")
    ] = None,
) -> None:
    """Say what nobody needs of the runs below a folder, and remove it with --yes.

    Of finished runs go what a checkpoint holds besides the best weights, checkpoints of folds, and checkpoints and
    models of a search's trials but the best ones; of all runs the temporary files that killed writers left. Models,
    figures, journals and files that kerashar doesn't write stay, and so does a run that is being written.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from kerashar.cli.runs_list import size_text
    from kerashar.runs import plan_cleaning

    if older_than is not None and not unfinished:
        raise ValueError(f"Expected --older-than with --unfinished. Received: --older-than {older_than:g} alone.")
    cleaning = plan_cleaning(folder, unfinished=unfinished, older_than=DAYS if older_than is None else older_than)
    console = Console(highlight=False)
    table = Table("run", "what goes", "frees")
    table.columns[2].justify = "right"
    for removal in cleaning.removals:
        table.add_row(escape(removal.run.name), removal.what, size_text(removal.size))
    if cleaning.removals:
        console.print(table)
    freed = cleaning.carry_out() if yes else 0
    for name, reason in cleaning.kept:
        console.print(f"left alone: {name} {reason}", markup=False, soft_wrap=True)
    if yes:
        console.print(f"{size_text(freed)} are free.")
    elif cleaning.removals:
        console.print(f"{size_text(cleaning.size)} would become free. Nothing is removed yet: add --yes.")
    else:
        console.print("Nothing to remove.")
