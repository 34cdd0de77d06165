"""`kerashar check`: what to look at before a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerashar.cli.options import Archive, Backend, Settings, model_or_recipe, parse_settings

if TYPE_CHECKING:
    from rich.table import Table

    from kerashar.training.checks import CheckResult

FAILED = 1  # exit code where a check fails
COLOURS = {"passed": "green", "advice": "yellow", "FAILED": "bold red", "does not apply": "dim"}


def check(
    model: Annotated[str | None, typer.Argument(help="Model: see `kerashar models`. Or pass --recipe.")] = None,
    data: Annotated[str | None, typer.Option(help="Data set: see `kerashar data`. Else that of the recipe.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="The recipe.json of a run, instead of a model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    seed: Annotated[int | None, typer.Option(help="Seed of validation subjects, weights and batches.")] = None,
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for checks.json and learning_rate.svg, the range test's picture.")
    ] = None,
) -> None:
    """Check a model, its data and its recipe before a run: exit code 1 where a check fails."""
    from dataclasses import replace

    from rich.console import Console

    from kerashar.cli.options import start_keras

    chosen = model_or_recipe(model, recipe)
    changes = {
        "data": data,
        "seed": seed,
        "model_settings": {**chosen.model_settings, **parse_settings("--set", settings)},
    }
    chosen = replace(chosen, **{name: value for name, value in changes.items() if value is not None})
    started = start_keras(backend)

    from kerashar.files import write_json
    from kerashar.training.checks import CHECKS, CheckedRun, sentence
    from kerashar.training.prepared_run import prepare
    from kerashar.training.recipe_data import recipe_split

    chosen.check()
    split = recipe_split(chosen, archive=archive)
    run = CheckedRun(prepare(chosen, split).model, split, chosen)
    console, results = Console(), []
    with console.status("checking") as status:
        for each in CHECKS:
            status.update(sentence(each))
            results.append(each(run))
    console.print(_table(results, f"{chosen.model} on {chosen.data}, {started}"))
    if out is not None:
        write_json(out / "checks.json", [result.to_json() for result in results])
        if run.by_gradients:
            run.learning_rate_curve.draw(out / "learning_rate.svg")
        console.print(f"Written: {out}", markup=False, soft_wrap=True)
    failed = [result.name for result in results if result.passed is False]
    if failed:
        console.print(f"{len(failed)} of {len(results)} checks failed: {', '.join(failed)}", markup=False)
        raise typer.Exit(FAILED)


def _table(results: "list[CheckResult]", title: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("check", "result", "what was seen, and what to do", title=title, show_lines=True)
    for result in results:
        text = Text(f"{result.seen} {result.advice}".strip())
        verdict = Text(result.verdict, style=COLOURS[result.verdict])
        table.add_row(Text(result.name.replace("_", " ")), verdict, text)
    return table
