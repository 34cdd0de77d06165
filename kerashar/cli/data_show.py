"""`kerashar data show`: what is in a data set."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from kerashar.cli.options import Archive

if TYPE_CHECKING:
    from rich.console import Console

    from kerashar.data import DataSet, SubjectSplit
    from kerashar.data.images import ImageDataSet


def show(
    name: Annotated[str, typer.Argument(help="Data set: see `kerashar data`.")],
    archive: Archive = None,
) -> None:
    """Show a data set: windows or images per class and side, subjects, units, licence."""
    from rich.console import Console

    from kerashar.data import data_set, load_split
    from kerashar.data.images.known_images import KNOWN_IMAGES

    console = Console(highlight=False)
    if name in KNOWN_IMAGES:
        if archive is not None:
            raise ValueError(f"Expected no archive with images. Received: --archive {archive} beside {name}.")
        _print_images(console, KNOWN_IMAGES[name])
        return
    known = data_set(name)
    _print_summary(console, known, load_split(name, archive=archive))


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
    facts = (
        ("Rate", f"{train.rate:g} Hz"),
        ("Windows", f"{length} samples = {length / train.rate:g} s, {known.overlap:.0%} overlap"),
        ("Channels", channels),
        ("Placement", known.placement),
        ("Test subjects", ", ".join(known.test_subjects)),
        ("Validation subjects", ", ".join(sorted(set(split.validation.subjects.tolist()))) + " (seed 0)"),
        ("Split", split.leakage_note),
    )
    _print_facts(console, (*facts, *_terms(known)))


def _print_images(console: "Console", known: "ImageDataSet") -> None:
    from kerashar.cli.data_images import print_counts
    from kerashar.data.images import find_images

    height, width = known.size
    print_counts(console, find_images(known.zip_file()), known.title)
    size = f"{height} by {width} pixels; training takes 32 by 32, or `size` of `data_settings`"
    facts = (("Images", known.note), ("Size", size))
    _print_facts(console, (*facts, *_terms(known)))


def _terms(known: "DataSet | ImageDataSet") -> tuple[tuple[str, str], ...]:
    return ("Licence", known.licence), ("Citation", known.citation), ("Home", known.url)


def _print_facts(console: "Console", facts: Iterable[tuple[str, str]]) -> None:
    for title, text in facts:
        console.print(f"[bold]{title}:[/bold]", end=" ")
        console.print(text, markup=False, soft_wrap=True)
