"""`kerashar channels`: which channels and sensors a model needs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import Archive, Backend


def channels(
    model: Annotated[Path, typer.Argument(help="A .keras file of a model of windows.")],
    data: Annotated[str | None, typer.Option(help="Data set. Else that of the recipe beside the model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    side: Annotated[Literal["train", "validation"], typer.Option(help="Which side of the split.")] = "validation",
    repeats: Annotated[int, typer.Option(min=1, help="How often channels are exchanged among windows.")] = 5,
    out: Annotated[Path, typer.Option(help="File of the picture.")] = Path("channels.png"),
) -> None:
    """Tell by how much worse a model gets without each channel, and without each sensor of three axes.

    Channels are exchanged among windows: see the guide to explanations. The test side isn't looked at, since a choice
    of channels is a choice.
    """
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.data import WindowSet
    from kerashar.explanations import channel_importance, draw_importance
    from kerashar.models import load_model
    from kerashar.training.input_cards import check_fits
    from kerashar.training.recipe_data import model_recipe, recipe_split
    from kerashar.training.sensor_triples import sensor_triples

    loaded = load_model(model)
    if len(loaded.input_shape) != 3:
        raise ValueError(f"Expected a model of windows. Received: a model of inputs {loaded.input_shape}.")
    recipe = model_recipe(model, loaded, data)
    samples = getattr(recipe_split(recipe, archive=archive), side)
    check_fits(loaded, samples)
    if not isinstance(samples, WindowSet) or loaded.output_shape[1:] != (samples.num_classes,):
        raise ValueError(
            f"Expected a model of {samples.num_classes} classes for {recipe.data}. "
            f"Received: outputs={loaded.output_shape}."
        )
    groups: dict[str, tuple[int, ...]] = {
        f"{samples.channels[triple[0]].removesuffix('_x')}, all": triple
        for triple in sensor_triples(samples.channels) or []
    }
    groups |= {name: (number,) for number, name in enumerate(samples.channels)}
    importance = channel_importance(loaded, samples.windows, samples.labels, groups, repeats)
    table = Table("without", "accuracy lost", "macro F1 lost", "cross-entropy gained", title=f"{recipe.data}, {side}")
    for row in importance.rows():
        shares = (f"{row[name]:.2%} ± {row[f'{name}_deviation']:.2%}" for name in ("accuracy", "macro_f1"))
        table.add_row(str(row["group"]), *shares, f"{row['loss']:.3f} ± {row['loss_deviation']:.3f}")
    console = Console()
    console.print(table)
    draw_importance(importance, out)
    reached = importance.reached
    console.print(
        f"with all: accuracy {reached['accuracy']:.2%}, macro F1 {reached['macro_f1']:.2%}, "
        f"loss {reached['loss']:.4f}, {len(samples)} windows; written to {out}",
        soft_wrap=True,
    )
