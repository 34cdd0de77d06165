"""`kerashar data`: which data sets there are, and what is in one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kerashar.data import DataSet, SubjectSplit


def data(
    name: Annotated[str | None, typer.Argument(help="Data set to look into; without it all are listed.")] = None,
    archive: Annotated[
        Path | None, typer.Option(help="The publisher's file; without it the file is downloaded if need be.")
    ] = None,
) -> None:
    """List the known data sets, or show one: windows per class and side, subjects, units, licence."""
    from rich.console import Console

    from kerashar.data import data_set, load_split

    console = Console(highlight=False)
    if name is None:
        if archive is not None:
            raise ValueError("Expected the name of a data set with --archive. Received: none.")
        _print_list(console)
        return
    known = data_set(name)
    split = load_split(name, archive=archive)
    _print_summary(console, known, split)


def _print_list(console: "Console") -> None:
    from rich.table import Table

    from kerashar.data import data_set, list_data_sets

    table = Table("name", "title", "classes", "subjects", "rate", "licence", title="Data sets")
    for name in list_data_sets():
        known = data_set(name)
        classes, subjects = str(len(known.class_names)), str(len(known.subjects))
        table.add_row(name, known.title, classes, subjects, f"{known.rate:g} Hz", known.licence)
    console.print(table)


def _print_summary(console: "Console", known: "DataSet", split: "SubjectSplit") -> None:
    from rich.table import Table

    sides = {"train": split.train, "validation": split.validation, "test": split.test}
    counts = {side: windows.class_counts() for side, windows in sides.items()}
    table = Table("windows", title=known.title)
    for column in (*sides, "all"):
        table.add_column(column, justify="right")
    for label in known.class_names:
        numbers = [counts[side][label] for side in sides]
        table.add_row(label, *map(str, numbers), str(sum(numbers)))
    for title, found in (
        ("all windows", [len(windows) for windows in sides.values()]),
        ("recordings", [len(set(windows.recordings.tolist())) for windows in sides.values()]),
        ("subjects", [len(set(windows.subjects.tolist())) for windows in sides.values()]),
    ):
        table.add_row(title, *map(str, found), str(sum(found)), style="bold")
    console.print(table)

    train = split.train
    length = train.window_shape[0]
    channels = ", ".join(f"{name} ({unit})" for name, unit in zip(train.channels, train.units, strict=True))
    for title, text in (
        ("Rate", f"{train.rate:g} Hz"),
        ("Windows", f"{length} samples = {length / train.rate:g} s, {known.overlap:.0%} overlap"),
        ("Channels", channels),
        ("Test subjects", ", ".join(known.test_subjects)),
        ("Validation subjects", ", ".join(sorted(set(split.validation.subjects.tolist()))) + " (seed 0)"),
        ("Split", split.leakage_note),
        ("Licence", known.licence),
        ("Citation", known.citation),
        ("Home", known.url),
    ):
        console.print(f"[bold]{title}:[/bold]", end=" ")
        console.print(text, markup=False, soft_wrap=True)
