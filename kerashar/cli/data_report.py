"""`kerashar data report`: what is in a data set and what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerashar.cli.options import Archive

if TYPE_CHECKING:
    from kerashar.data.quality import QualityReport


def report(
    name: Annotated[
        str,
        typer.Argument(
            help="Data set: see `kerashar data`. Or a folder of imported recordings, a folder or zip of images, or the "
            ".npy file that `kerashar data images` wrote."
        ),
    ],
    archive: Archive = None,
    seed: Annotated[int, typer.Option(help="Of the validation subjects, permutations and samples.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the page and the data.")] = Path(),
) -> None:
    """Check a data set: write a page of what is in it and what is wrong with it."""
    from kerashar.data import list_data_sets
    from kerashar.data.images.known_images import KNOWN_IMAGES
    from kerashar.data.imported import DATA_SET_FILE
    from kerashar.data.quality import quality_report

    path = Path(name)
    # Only that file tells a folder of imported recordings from one of images.
    is_path = name not in list_data_sets() and path.exists() and not (path / DATA_SET_FILE).exists()
    if is_path or name in KNOWN_IMAGES:
        made = _report_images(path, archive, seed)
    else:
        made = quality_report(name, archive=archive, seed=seed)
    _print_summary(made, made.write(out))


def _report_images(path: Path, archive: Path | None, seed: int) -> "QualityReport":
    from kerashar.data.images import decode_images, find_images, load_images
    from kerashar.data.quality import image_quality_report

    if archive is not None:
        raise ValueError(f"Expected no archive with images. Received: --archive {archive} beside {path}.")
    if path.suffix == ".npy":
        images = load_images(path)
    else:
        # However many are broken: they are what the report is about.
        images = decode_images(find_images(path), largest_share_left_out=1.0)
    return image_quality_report(images, name=path.stem, seed=seed)


def _print_summary(report: "QualityReport", paths: tuple[Path, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kerashar.data.quality.problem import advice_on

    console = Console(highlight=False)
    console.print(report.verdict, style="bold", markup=False)
    if report.problems:
        table = Table("problem", "the first", "what to do", title=f"Problems of {report.name}")
        for kind, problems in report.by_kind().items():
            first = problems[0]
            where = ", ".join(part for part in (first.recording, first.channel) if part)
            text = Text(f"{where}: {first.text}" if where else first.text)
            table.add_row(f"{first.severity}: {kind} ({len(problems)})", text, Text(advice_on(problems)))
        console.print(table)
    for path in paths:
        console.print(f"Written: {path}", markup=False, soft_wrap=True)
