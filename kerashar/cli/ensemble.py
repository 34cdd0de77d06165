"""`kerashar ensemble`: several trained models as one file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import DATA, Archive, Backend


def ensemble(
    models: Annotated[list[Path], typer.Argument(help="The .keras files, two or more, of any backends.")],
    out: Annotated[Path, typer.Option(help="The .keras file to write.")],
    kind: Annotated[
        Literal["mean", "weighted", "majority"],
        typer.Option(help="Mean of the probabilities, the same with weights found on the validation side, or votes."),
    ] = "mean",
    data: Annotated[str | None, typer.Option(help=f"{DATA} Else that of the recipe beside the first model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
) -> None:
    """Put trained models into one, and measure each of them and all together on the validation side.

    The test side stays untouched: `kerashar evaluate` looks at it once.
    """
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.models import Ensemble, load_model, save_model
    from kerashar.training import ensemble_weights, evaluate
    from kerashar.training.recipe_data import model_recipe, recipe_split

    if len(models) < 2:
        raise ValueError(f"Expected two models or more. Received: {len(models)}.")
    loaded = [load_model(path) for path in models]
    validation = recipe_split(model_recipe(models[0], loaded[0], data), archive=archive).validation
    weights = ensemble_weights(loaded, validation) if kind == "weighted" else None
    joined = Ensemble(loaded, weights, "majority" if kind == "majority" else "mean")
    save_model(joined, out)
    table = Table(
        "model",
        "weight",
        "accuracy",
        "macro F1",
        "loss",
        title=f"On the {len(validation)} validation {validation.item}s",
    )
    rows = [*zip(map(str, models), loaded, joined.shares, strict=True), (f"{kind} of all", joined, None)]
    for name, model, share in rows:
        figures = evaluate(model, validation)
        counted = "" if share is None else f"{share:.3f}"
        table.add_row(name, counted, f"{figures.accuracy:.2%}", f"{figures.macro_f1:.2%}", f"{figures.loss:.4f}")
    console = Console(soft_wrap=True)
    console.print(table)
    console.print(f"Written: {out}", markup=False)
