"""`kerashar pretrain`: a backbone trained on recordings without labels."""

from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import Archive, Backend, Settings, TrainingSettings, chosen_recipe, parse_settings


def pretrain(
    model: Annotated[str | None, typer.Argument(help="Model: see `kerashar models`. Or pass --recipe.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="A recipe.json; other options change it.")] = None,
    data: Annotated[str | None, typer.Option(help="Data set: see `kerashar data`. Else the recipe's.")] = None,
    archive: Archive = None,
    backend: Backend = None,
    run: Annotated[Path | None, typer.Option(help="Run folder; a run that was killed there resumes.")] = None,
    task: Annotated[str, typer.Option(help="contrastive: tell views apart; masked: tell what was blanked.")] = (
        "contrastive"
    ),
    task_setting: Annotated[
        list[str] | None, typer.Option(help="A setting of the task, such as --task-setting share=0.4; may be repeated.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of validation subjects, weights, shuffling, dropout.")] = None,
    settings: Settings = None,
    training: TrainingSettings = None,
) -> None:
    """Train a model without its head on whole recordings, without their labels and without the test subjects."""
    from rich.console import Console

    from kerashar.cli.options import start_keras

    given = {"data": data, "epochs": epochs, "seed": seed, **parse_settings("--training", training)}
    chosen = chosen_recipe(model, recipe, given, model_settings=parse_settings("--set", settings))
    started = start_keras(backend)
    chosen.check()

    from kerashar.callbacks import ProgressBar
    from kerashar.training import pretrain as run_pretraining
    from kerashar.training import unlabelled_sides
    from kerashar.training.pretraining import create_task

    console = Console(soft_wrap=True)
    task_settings = parse_settings("--task-setting", task_setting)
    create_task(task, **task_settings)  # ahead of loading the data
    sides = unlabelled_sides(chosen, archive=archive)
    folder = run or Path("runs") / f"pretrained-{chosen.version_name}-{task}-{started}-seed{chosen.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    console.print(
        f"{chosen.version_name} on {started}, {task}: {len(sides.train)} windows without labels to train, "
        f"{len(sides.validation)} to validate, run folder {folder}"
    )
    bar = ProgressBar(chosen.epochs, console)
    with bar:
        result = run_pretraining(chosen, sides, folder, task, task_settings, on_epoch=bar.epoch_ended, callbacks=[bar])
    best = result.history[result.best_epoch - 1]
    console.print(
        f"best epoch {result.best_epoch} of {len(result.history)}, validation loss {best['val_loss']:.4f}; backbone in "
        f"{folder / 'model.keras'}. Go on with: kerashar fine-tune {folder / 'model.keras'}"
    )
