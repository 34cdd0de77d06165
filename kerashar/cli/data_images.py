"""`kerashar data images`: decode a folder or zip of images once, for training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kerashar.data.images import ImageFiles, ImageSet


def images(
    source: Annotated[Path, typer.Argument(help="Folder or zip: class folders, or any images with --labels.")],
    out: Annotated[Path, typer.Option(help="Where to write the pixels (.npy); names and labels go beside it.")],
    labels: Annotated[Path | None, typer.Option(help="CSV table of file names and labels.")] = None,
    label: Annotated[str | None, typer.Option(help="The table's column of classes.")] = None,
    target: Annotated[str | None, typer.Option(help="The table's column of a number to predict.")] = None,
    group: Annotated[str | None, typer.Option(help="The table's column of what an image comes from.")] = None,
    size: Annotated[tuple[int, int], typer.Option(help="Height and width in pixels.")] = (32, 32),
    grey: Annotated[bool, typer.Option("--grey", help="One channel instead of three.")] = False,
    broken: Annotated[float, typer.Option(help="Share of broken files beyond which decoding stops.")] = 0.01,
) -> None:
    """Decode a folder or zip of images, leave out and list broken files, and show images per class."""
    from rich.console import Console

    from kerashar.data.images import decode_images, find_images

    console = Console(highlight=False)
    listed = out.with_name(f"{out.stem}_left_out.csv")
    found = decode_images(
        find_images(source, labels=labels, label=label, target=target, group=group),
        size,
        channels=1 if grey else 3,
        out=out,
        quarantine=listed,
        largest_share_left_out=broken,
    )
    print_counts(console, found)
    if found.report and found.report.quarantined:
        for name, reason in found.report.quarantined:
            console.print(f"left out: {name}: {reason}", markup=False, soft_wrap=True)
        console.print(f"List: {listed}", markup=False, soft_wrap=True)
    console.print(f"{found.report} Written to {out}.", markup=False, soft_wrap=True)


def print_counts(console: "Console", found: "ImageSet | ImageFiles", title: str | None = None) -> None:
    """Print a table of the images of each class and side."""
    from rich.table import Table

    sides = [side for side in ("train", "validation", "test", "") if (found.sides == side).any()]
    table = Table("images", title=title)
    for side in sides:
        table.add_column(side or "all", justify="right")
    for number, name in enumerate(found.class_names):
        table.add_row(name, *(str(((found.sides == side) & (found.labels == number)).sum()) for side in sides))
    table.add_row("all images", *(str((found.sides == side).sum()) for side in sides), style="bold")
    console.print(table)
