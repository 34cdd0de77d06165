"""`kerashar study`: a staged plan of comparisons and searches."""

from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import DATA, Archive, Backend, Settings, TrainingSettings, parse_settings


def study(
    name: Annotated[str, typer.Argument(help="Which: har, of sensor signals, or images.")],
    data: Annotated[str | None, typer.Option(help=f"{DATA} Otherwise the study's own.")] = None,
    archive: Archive = None,
    quick: Annotated[bool, typer.Option("--quick", help="Minutes: small models, to see it all.")] = False,
    backend: Backend = None,
    run: Annotated[Path | None, typer.Option(help="Run folder; a study that was interrupted there goes on.")] = None,
    settings: Settings = None,
    training: TrainingSettings = None,
    show: Annotated[
        bool, typer.Option("--show", help="Say where the study stands, write its page anew, run nothing.")
    ] = False,
    concurrent: Annotated[
        int | None, typer.Option(help="Runs at a time; otherwise as many as there is room for.")
    ] = None,
    cpus_per_run: Annotated[float, typer.Option(help="CPU cores of a run.")] = 1.0,
    gpus_per_run: Annotated[float, typer.Option(help="GPUs of a run; fractions share one.")] = 0.0,
) -> None:
    """Run a study, or go on with it: each stage keeps what holds over seeds, and the test side is looked at last.

    The same command again goes on where it was interrupted, even by a crash.
    """
    import os

    from rich.console import Console

    from kerashar.cli.study_tables import results_table, standing_table
    from kerashar.search.engine import Resources
    from kerashar.search_spaces.studies import study as plan_of
    from kerashar.studies.page import write_study_page

    plan = plan_of(name, "quick" if quick else "full")
    started = backend or os.environ.get("KERAS_BACKEND") or "torch"
    folder = run or Path("runs") / f"study-{plan.name}-{Path(data or plan.data).stem}-{started}"
    console = Console()
    if show:
        console.print(standing_table(folder))
        write_study_page(folder)
        console.print(f"report {folder / 'study.html'}", soft_wrap=True)
        return
    from kerashar.studies import run_study

    start = {**parse_settings("--training", training)}
    if settings:
        start["model_settings"] = parse_settings("--set", settings)
    result = run_study(
        plan,
        folder,
        data=data,
        start=start,
        archive=archive,
        backend=started,
        resources=Resources(concurrent=concurrent, cpus=cpus_per_run, gpus=gpus_per_run),
        console=console,
    )
    console.print(standing_table(folder))
    console.print(results_table(result.rows))
    console.print(
        f"best model {result.model}\nreport     {result.folder / 'study.html'}\n"
        f"table      {result.folder / 'results.csv'}",
        soft_wrap=True,
    )
