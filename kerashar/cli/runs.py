"""`kerashar runs`: which runs there are; its subcommands compare them, or free space."""

from typing import Any

import typer
from typer.core import TyperGroup

from kerashar.cli.runs_clean import clean
from kerashar.cli.runs_compare import compare
from kerashar.cli.runs_list import list_


class _ListsByDefault(TyperGroup):
    """Takes `kerashar runs FOLDER` for `kerashar runs list FOLDER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="runs", cls=_ListsByDefault, help="List runs, compare them, or free the space of what nobody needs of them."
)
app.command("list")(list_)
for command in (compare, clean):
    app.command()(command)
