"""`kerashar data`: which data sets there are; its subcommands look into one, or bring one's own in."""

import typer

from kerashar.cli.data_images import images
from kerashar.cli.data_import import import_tables
from kerashar.cli.data_report import report
from kerashar.cli.data_show import show

app = typer.Typer(name="data", help="List the known data sets, look into one, or bring your own in.")
for command in (show, report, images):
    app.command()(command)
app.command("import")(import_tables)


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """List the known data sets, look into one, or bring your own in."""
    if context.invoked_subcommand is None:
        print_list()


def print_list() -> None:
    """Print a table of the known data sets."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from kerashar.data import data_set, list_data_sets
    from kerashar.data.images.known_images import KNOWN_IMAGES

    name_column = Column("name", no_wrap=True)  # what commands take
    table = Table(name_column, "kind", "title", "classes", "subjects", "rate", "licence", title="Data sets")
    for name in list_data_sets():
        try:
            known = data_set(name)
        except ValueError as error:  # one that is damaged mustn't hide the others
            table.add_row(name, "signals", escape(str(error)))
            continue
        classes, subjects = str(len(known.class_names)), str(len(known.subjects))
        table.add_row(name, "signals", known.title, classes, subjects, f"{known.rate:g} Hz", known.licence)
    for name, known in KNOWN_IMAGES.items():
        table.add_row(name, "images", known.title, str(len(known.class_names)), "", "", known.licence)
    Console(highlight=False).print(table)
