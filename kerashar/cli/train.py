"""`kerashar train`: one run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kerashar.cli.options import (
    DATA,
    ON_RECORD,
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
    from rich.console import Console

    from kerashar.data.disjoint_split import DisjointSplit
    from kerashar.training import Recipe


def train(
    model: Annotated[str | None, typer.Argument(help="Model: see `kerashar models`. Or pass --recipe.")] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="The recipe.json of a run: repeats it. Other options change it.")
    ] = None,
    data: Annotated[str | None, typer.Option(help=f"{DATA} Else the recipe's.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    run: Annotated[Path | None, typer.Option(help="Run folder; a run that was killed there resumes.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows or images.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Windows or images in one step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of validation subjects, weights, shuffling, dropout.")] = None,
    settings: Settings = None,
    training: TrainingSettings = None,
    feature: Features = None,
    features_mode: Annotated[
        Literal["channels", "replace", "branch", "vector"] | None, typer.Option(help="How the model gets the features.")
    ] = None,
    augmentation: Augmentations = None,
    space: Annotated[
        Literal["full", "quick"] | None,
        typer.Option(help="Start from the middle of the model's search space instead of its defaults."),
    ] = None,
    log: Annotated[
        list[str] | None, typer.Option(help="A log besides the CSV files: tensorboard, mlflow or wandb; repeatable.")
    ] = None,
    snapshots_every: Annotated[
        int | None, typer.Option(help="Keep the model after every so many epochs, for `kerashar ensemble`.")
    ] = None,
    devices: Annotated[int, typer.Option(help="Devices, or on torch processes, that share each step.")] = 1,
) -> None:
    """Train a model, keep its best epoch on validation subjects, and test that once."""
    from rich.console import Console

    from kerashar.cli.options import start_keras

    given = {
        "data": data,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "seed": seed,
        "features_mode": features_mode,
        **parse_settings("--training", training),
    }
    groups = {
        "model_settings": parse_settings("--set", settings),
        "features": parse_settings("--feature", feature, alone=True),
        "augmentation": parse_settings("--augmentation", augmentation, alone=True),
    }
    chosen = chosen_recipe(model, recipe, given, space, **groups)
    started = start_keras(backend)
    chosen.check()

    from contextlib import ExitStack

    from kerashar.callbacks import ProgressBar, create_logs
    from kerashar.training import train as run_training
    from kerashar.training.looks import look_once
    from kerashar.training.recipe_data import data_name, recipe_split

    console = Console(soft_wrap=True)
    split = recipe_split(chosen, archive=archive)
    if recipe:
        _compare_with_recorded(recipe, split, console)
    name = chosen.version_name if recipe else f"{chosen.model}-{data_name(chosen)}"
    folder = run or Path("runs") / f"{name}-{started}-seed{chosen.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    item = split.train.item
    console.print(
        f"{chosen.version_name} on {started}: {len(split.train)} {item}s to train, {len(split.validation)} to "
        f"validate, run folder {folder}"
    )
    _check(chosen, split, console)
    bar = ProgressBar(chosen.epochs, console)
    with ExitStack() as opened:
        logs = [
            opened.enter_context(each) for each in create_logs(log or [], folder, chosen, split.validation.samples[:8])
        ]
        with bar:
            result = run_training(
                chosen,
                split,
                folder,
                on_epoch=bar.epoch_ended,
                callbacks=[bar, *logs],
                devices=devices,
                snapshots_every=snapshots_every,
            )
        facts = {
            "leakage": split.leakage_note,
            "best_epoch": result.best_epoch,
            "validation": result.validation.to_json(),
        }
        test, on_record = look_once(folder, result.model, split.test, recipe=chosen, logs=logs, **facts)
    if on_record:
        console.print(ON_RECORD.format(folder))
    seconds = sum(figures["seconds"] for figures in result.history)
    console.print(
        f"best epoch {result.best_epoch} of {len(result.history)}; validation accuracy {result.validation.accuracy:.2%}"
    )
    whose = f"{item}s of {split.test.group}s" if split.test.is_grouped else f"{item}s"
    console.print(
        f"test accuracy {test.accuracy:.2%}, macro F1 {test.macro_f1:.2%} on {test.count} {whose} not seen in "
        f"training; trained in {seconds:.0f} s; model in {folder / 'model.keras'}"
    )


def _compare_with_recorded(recipe: Path, split: "DisjointSplit", console: "Console") -> None:
    """Say so where the windows are not those that the recipe's run had."""
    import json

    from kerashar.training.prepared_run import fingerprints

    recorded = recipe.with_name("run.json")
    if not recorded.exists():
        return
    before, now = json.loads(recorded.read_text(encoding="utf-8"))["data"], fingerprints(split)
    if changed := [side for side in now if before.get(side) != now[side]]:
        console.print(
            f"warning: the {split.train.item}s of {' and '.join(changed)} are not those of {recorded}; figures will "
            "differ",
            style="yellow",
        )


def _check(recipe: "Recipe", split: "DisjointSplit", console: "Console") -> None:
    """Run the quick checks, and print those with something to say."""
    import keras

    from kerashar.training.checks import quick_checks
    from kerashar.training.prepared_run import build_model

    keras.utils.set_random_seed(recipe.seed)
    model = build_model(recipe, split.train)
    model.fit_normalization(split.train.samples)
    for result in quick_checks(model, split, recipe):
        if result.advice:
            console.print(f"{result.name.replace('_', ' ')}, {result.verdict}: {result.seen} {result.advice}")
