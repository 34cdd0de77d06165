"""`kerashar fine-tune`: a trained model trained further."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerashar.cli.options import ON_RECORD, Archive, Backend, TrainingSettings, parse_settings, read_recipe, with_data

if TYPE_CHECKING:
    from kerashar.training import Recipe

# What the file's own recipe says of the new run; all else was for the old one.
_KEPT = (
    *("model", "model_settings", "features", "features_mode", "data", "data_settings", "split", "split_settings"),
    "seed",
)


def fine_tune(
    start: Annotated[Path, typer.Argument(help="The .keras file of a run; its recipe.json lies beside it.")],
    recipe: Annotated[Path | None, typer.Option(help="Another recipe than that of the model's file.")] = None,
    data: Annotated[str | None, typer.Option(help="Data set: see `kerashar data`. Else the recipe's.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    run: Annotated[Path | None, typer.Option(help="Run folder; a run that was killed there resumes.")] = None,
    fraction: Annotated[float | None, typer.Option(help="Share of the training windows to train on.")] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(
            help="Settings of a stage, such as --stage trained_depth=0,epochs=3 and then --stage layer_decay=0.8; by "
            "default three epochs of the head alone, then the whole model."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows in each stage.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of validation subjects, shuffling, dropout.")] = None,
    training: TrainingSettings = None,
) -> None:
    """Train a model from the weights of a trained one, the head first, and test it once."""
    from rich.console import Console

    from kerashar.cli.options import start_keras

    given = {"data": data, "epochs": epochs, "seed": seed, **parse_settings("--training", training)}
    chosen = _recipe(start, recipe, {name: value for name, value in given.items() if value is not None}, fraction)
    stages = [parse_settings("--stage", text.split(",")) for text in stage or []]
    started = start_keras(backend)
    chosen.check()

    from kerashar.callbacks import ProgressBar
    from kerashar.training import fine_tune as run_fine_tuning
    from kerashar.training import recipe_split
    from kerashar.training.fine_tuning import STAGES
    from kerashar.training.looks import look_once

    console = Console(soft_wrap=True)
    split = recipe_split(chosen, archive=archive)
    folder = run or Path("runs") / f"tuned-{chosen.version_name}-{started}-seed{chosen.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    console.print(
        f"{chosen.version_name} on {started}, from {start}: {len(split.train)} windows to train, "
        f"{len(split.validation)} to validate, run folder {folder}"
    )
    bar = ProgressBar(chosen.epochs, console)
    with bar:
        result = run_fine_tuning(chosen, split, folder, stages or STAGES, on_epoch=bar.epoch_ended, callbacks=[bar])
    facts = {"leakage": split.leakage_note, "best_epoch": result.best_epoch, "validation": result.validation.to_json()}
    test, on_record = look_once(folder, result.model, split.test, recipe=chosen, **facts)
    if on_record:
        console.print(ON_RECORD.format(folder))
    console.print(
        f"validation accuracy {result.validation.accuracy:.2%}, test accuracy {test.accuracy:.2%}, macro F1 "
        f"{test.macro_f1:.2%} on {test.count} windows of subjects not seen in training; model in "
        f"{folder / 'model.keras'}"
    )


def _recipe(start: Path, path: Path | None, given: dict[str, Any], fraction: float | None) -> "Recipe":
    """The new run's recipe: what the old one says of model and data, or another file, with what the options change."""
    from kerashar.training import Recipe

    if path is not None:
        settings = read_recipe(path).settings()
    elif (beside := start.with_name("recipe.json")).exists():
        before = read_recipe(beside).settings()
        settings = {name: before[name] for name in _KEPT}
    else:
        raise ValueError(f"Expected a recipe.json beside {start}, or --recipe. Received: neither.")
    settings = {**settings, **given, "start": str(start)}
    if fraction is not None:
        settings["data_settings"] = {**settings["data_settings"], "fraction": fraction}
    return with_data(Recipe.from_json(settings))
