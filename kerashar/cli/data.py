"""`kerashar data`: which data sets there are; its subcommands look into one, or bring one's own in."""

import typer

from kerashar.cli.data_show import show

app = typer.Typer(name="data", help="List the known data sets, look into one, or bring your own in.")
for command in (show,):
    app.command()(command)


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """List the known data sets, look into one, or bring your own in."""
    if context.invoked_subcommand is None:
        print_list()


def print_list() -> None:
    """Print a table of the known data sets."""
    from rich.console import Console
    from rich.table import Table

    from kerashar.data import data_set, list_data_sets

    table = Table("name", "title", "classes", "subjects", "rate", "licence", title="Data sets")
    for name in list_data_sets():
        known = data_set(name)
        classes, subjects = str(len(known.class_names)), str(len(known.subjects))
        table.add_row(name, known.title, classes, subjects, f"{known.rate:g} Hz", known.licence)
    Console(highlight=False).print(table)
