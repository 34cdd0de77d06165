"""`kerashar evaluate`: figures of a saved model."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import DATA, Archive, Backend


def evaluate(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    data: Annotated[str | None, typer.Option(help=f"{DATA} Else that of the recipe beside the model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    side: Annotated[Literal["train", "validation", "test"], typer.Option(help="Which side of the split.")] = "test",
    seed: Annotated[
        int | None, typer.Option(help="Seed that drew the validation subjects in training. Else the recipe's, or 0.")
    ] = None,
) -> None:
    """Measure a saved model on one side of a data set's split: accuracy, macro F1, each class, confusion.

    The split is that of the `recipe.json` beside the model; without one, or on other data, the official one. A look at
    the test side is put on record beside the model, and a second one warns.
    """
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.models import load_model
    from kerashar.training import evaluate as measure
    from kerashar.training.looks import record_look
    from kerashar.training.recipe_data import model_recipe, recipe_split

    loaded = load_model(model)
    recipe = model_recipe(model, loaded, data, seed)
    samples = getattr(recipe_split(recipe, archive=archive), side)
    figures = measure(loaded, samples)
    console = Console()
    table = Table("class", "F1", *samples.class_names, title=f"{model} on {recipe.data}, {side}: rows are the truth")
    for name, row in zip(samples.class_names, figures.confusion, strict=True):
        table.add_row(name, f"{figures.per_class.get(name, float('nan')):.2%}", *map(str, row))
    console.print(table)
    console.print(
        f"accuracy {figures.accuracy:.2%}, macro F1 {figures.macro_f1:.2%}, "
        f"loss {figures.loss:.4f}, {figures.count} {samples.item}s",
        soft_wrap=True,
    )
    if side == "test":
        try:
            record_look(model.parent, {"test": figures}, samples, model=model.name)
        except OSError as error:  # such as a model in a folder that belongs to somebody else
            console.print(f"this look at the test is not on record: {error}", style="yellow", soft_wrap=True)
