"""`kerashar cross-validate`: how well a recipe does on new people, or new images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kerashar.cli.options import (
    DATA,
    Archive,
    Augmentations,
    Backend,
    Features,
    Settings,
    TrainingSettings,
    chosen_recipe,
    parse_settings,
)

if TYPE_CHECKING:
    from rich.table import Table

    from kerashar.training.folds_result import FoldsResult


def cross_validate(
    model: Annotated[str | None, typer.Argument(help="Model: see `kerashar models`. Or pass --recipe.")] = None,
    data: Annotated[str | None, typer.Option(help=f"{DATA} Else the recipe's.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="The recipe.json of a run, instead of a model.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    folds: Annotated[str, typer.Option(help="How many, or leave_one_subject_out.")] = "5",
    run: Annotated[Path | None, typer.Option(help="Run folder; a run that was killed there goes on.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows or images.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the folds and their validation subjects.")] = 0,
    settings: Settings = None,
    training: TrainingSettings = None,
    feature: Features = None,
    augmentation: Augmentations = None,
    stratify: Annotated[
        bool, typer.Option("--stratify", help="Give each fold about the same share of each class.")
    ] = False,
    log: Annotated[
        list[str] | None, typer.Option(help="A further log: tensorboard, mlflow or wandb; may be repeated.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Look at the test subjects at the end: once, when all choices are made.")
    ] = False,
) -> None:
    """Train a recipe on folds of subjects and measure it on those held out; the test side stays out.

    `kerashar compare` tells whether one of two such runs is better.
    """
    from rich.console import Console

    from kerashar.cli.options import start_keras

    chosen = chosen_recipe(
        model,
        recipe,
        {"data": data, "epochs": epochs, **parse_settings("--training", training)},
        model_settings=parse_settings("--set", settings),
        features=parse_settings("--feature", feature, alone=True),
        augmentation=parse_settings("--augmentation", augmentation, alone=True),
    )
    many = _folds(folds)
    started = start_keras(backend)
    chosen.check()

    from kerashar.training.cross_validation import cross_validate as run_folds
    from kerashar.training.recipe_data import data_name, recipe_split

    split = recipe_split(chosen, archive=archive)
    on = f"{data_name(chosen)}-{started}"
    folder = run or Path("runs") / f"{chosen.model}-{on}-folds-{folds}"
    console = Console(soft_wrap=True)
    result = run_folds(
        chosen, split, folder, many, seed=seed, stratify=stratify, test=test, logs=log or (), console=console
    )
    item, group = split.train.item, split.train.group
    whom = f"{group}s" if result.predictions.is_grouped else f"{item}s"
    console.print(_table(result, f"{chosen.model} on {on}: {whom} held out", item))
    for figure, part in result.summary().items():
        low, high = part["interval"]
        console.print(
            f"{figure.replace('macro_f1', 'macro F1')} of all {item}s {part['pooled']:.2%}; with other {whom} "
            f"{low:.2%} to {high:.2%} (95 % interval)"
        )
    if result.test is not None and result.ensemble is not None:
        for name, figures in (("best fold's model", result.test), ("folds' ensemble", result.ensemble)):
            console.print(f"test {group}s, {name}: accuracy {figures.accuracy:.2%}, macro F1 {figures.macro_f1:.2%}")
    console.print(f"Written: {folder}, picture {folder / 'folds.png'}", markup=False)


def _folds(text: str) -> int | Literal["leave_one_subject_out"]:
    if text == "leave_one_subject_out":
        return "leave_one_subject_out"
    if not text.isdecimal():
        raise ValueError(f"Expected --folds as a number or leave_one_subject_out. Received: --folds {text}.")
    return int(text)


def _table(result: "FoldsResult", title: str, item: str) -> "Table":
    from rich.table import Table

    table = Table("fold", "held out", f"{item}s", "accuracy", "macro F1", "ECE", "best epoch", title=title)
    for fold in result.folds:
        figures = fold.held_out
        table.add_row(
            str(fold.number),
            result.held_out(fold),
            str(figures.count),
            f"{figures.accuracy:.2%}",
            f"{figures.macro_f1:.2%}",
            f"{figures.calibration_error:.2%}",
            str(fold.best_epoch),
        )
    table.add_section()
    summary = result.summary()
    for name in ("mean", "deviation"):
        table.add_row(name, "", "", f"{summary['accuracy'][name]:.2%}", f"{summary['macro_f1'][name]:.2%}", "", "")
    return table
