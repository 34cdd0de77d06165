"""`kerashar compress`: a trained model made smaller."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kerashar.cli.options import DATA, Archive, Backend

if TYPE_CHECKING:
    from kerashar.training import Recipe


def compress(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    out: Annotated[Path, typer.Argument(help="The .onnx file to write; of --method prune the .keras file.")],
    method: Annotated[
        Literal["int8", "int8_static", "prune"],
        typer.Option(help="Weights of 8 bits, activations too, or small weights set to zero and the rest fine-tuned."),
    ] = "int8",
    data: Annotated[str | None, typer.Option(help=f"{DATA} Else that of the recipe beside the model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    sparsity: Annotated[float, typer.Option(help="With prune: share of each kernel's weights that is zero.")] = 0.5,
    epochs: Annotated[int, typer.Option(help="With prune: passes over the training side.")] = 3,
    run: Annotated[Path | None, typer.Option(help="With prune: run folder; a killed run resumes.")] = None,
) -> None:
    """Make a model smaller, and measure on the validation side what it costs.

    Activations are calibrated with the training side. The test side stays untouched.
    """
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.export import quantize_static, quantize_weights
    from kerashar.export.runtimes import load_export
    from kerashar.models import load_model, save_model
    from kerashar.training import evaluate
    from kerashar.training.evaluation import measured
    from kerashar.training.input_cards import check_fits
    from kerashar.training.recipe_data import model_recipe, recipe_split

    suffix = ".keras" if method == "prune" else ".onnx"
    if out.suffix != suffix:
        raise ValueError(f"Expected a file that ends in {suffix} with --method {method}. Received: {out}.")
    loaded = load_model(model)
    recipe = model_recipe(model, loaded, data)
    split = recipe_split(recipe, archive=archive)
    check_fits(loaded, split.train)
    before = evaluate(loaded, split.validation)
    if method == "prune":
        pruned = _pruned(model, recipe, split, sparsity, epochs, run)
        save_model(pruned, out)
        after = evaluate(pruned, split.validation)
    else:
        quantize_weights(model, out) if method == "int8" else quantize_static(model, out, split.train)
        run_export = load_export(out, "onnx")
        after = measured(run_export(split.validation.samples), split.validation)
    item = split.validation.item
    table = Table(
        "file", "kilobytes", "accuracy", "macro F1", title=f"On the {len(split.validation)} validation {item}s"
    )
    for file, figures in ((model, before), (out, after)):
        size = f"{file.stat().st_size / 1e3:.0f}"
        table.add_row(str(file), size, f"{figures.accuracy:.2%}", f"{figures.macro_f1:.2%}")
    Console(soft_wrap=True).print(table)


def _pruned(model: Path, recipe: "Recipe", split: Any, sparsity: float, epochs: int, run: Path | None) -> Any:
    from kerashar.export import prune
    from kerashar.export.pruning import pruning_recipe, sparsity_of

    recipe = pruning_recipe(recipe, model, epochs)
    pruned = prune(recipe, split, run or Path("runs") / f"pruned-{recipe.version_name}", sparsity).model
    typer.echo(f"{sparsity_of(pruned):.1%} of the kernels' weights are zero")
    return pruned
