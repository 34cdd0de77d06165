"""`kerashar report`: what a run is worth and where it errs, as a page."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import Archive, Backend


def report(
    run: Annotated[Path, typer.Argument(help="Run folder of a training, a search or a cross-validation.")],
    other: Annotated[Path | None, typer.Argument(help="Another on the same data, to stand beside it.")] = None,
    out: Annotated[Path, typer.Option(help="File of the page.")] = Path("report.html"),
    archive: Archive = None,
    backend: Backend = None,
    side: Annotated[
        Literal["validation", "test"],
        typer.Option(help="Which side of a training's split; a look at test is recorded."),
    ] = "validation",
) -> None:
    """Write one HTML page on a run: figures, confusions, classes, subjects, wrong answers, data, leaks, recipe.

    With a second run both stand side by side, paired by subject. Figures on the test are those on record, unless --side
    test looks at it anew: that look is put on record beside the model, and a second one warns.
    """
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.report import write_report

    write_report(run, out, other, side, archive=archive)
    typer.echo(f"Written: {out}")
