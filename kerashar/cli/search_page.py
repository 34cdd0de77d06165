"""`kerashar search-page`: a search as a page, while it runs or after it."""

from pathlib import Path
from typing import Annotated

import typer


def search_page(
    run: Annotated[Path, typer.Argument(help="Run folder of a search.")],
    out: Annotated[Path | None, typer.Option(help="File of the page; otherwise search.html in the run folder.")] = None,
) -> None:
    """Write one HTML page on a search: progress, curves, leaderboard, settings and what they matter, workers, failures.

    The search writes it too, while it runs and at its end.
    """
    from kerashar.search.page import write_search_page

    typer.echo(f"Written: {write_search_page(run, out)}")
