"""`kerashar train`: one run."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kerashar.cli.options import Archive, Backend, Data

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting of the model, such as --set blocks=2; may be repeated."),
]


def train(
    model: Annotated[str, typer.Argument(help="Model: see `kerashar models`.")],
    data: Data,
    archive: Archive = None,
    backend: Backend = None,
    run: Annotated[Path | None, typer.Option(help="Run folder; a run that was killed there resumes.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Windows in one step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of validation subjects, weights, shuffling and dropout.")] = 0,
    settings: Settings = None,
    feature: Annotated[
        list[str] | None,
        typer.Option(help="A feature, such as --feature jerk or --feature gaussian_smoothing=2.0; may be repeated."),
    ] = None,
    features_mode: Annotated[
        Literal["channels", "replace", "branch", "vector"], typer.Option(help="How the model gets the features.")
    ] = "channels",
    augmentation: Annotated[
        list[str] | None,
        typer.Option(help="An augmentation, such as --augmentation signal_augment=0.5; may be repeated."),
    ] = None,
    space: Annotated[
        Literal["full", "quick"] | None,
        typer.Option(help="Start from the middle of the model's search space instead of its defaults."),
    ] = None,
) -> None:
    """Train a model, keep its best epoch on validation subjects, and test that once."""
    from rich.console import Console

    from kerashar.cli.options import start_keras
    from kerashar.search.domains import middle
    from kerashar.search_spaces import search_space
    from kerashar.training import Recipe

    console = Console(soft_wrap=True)
    start = middle(search_space(model, space)) if space else {"model": {}, "training": {}}
    given = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
    recipe = Recipe(
        model=model,
        model_settings={**start["model"], **_parse("--set", settings)},
        features=_parse("--feature", feature, alone=True),
        features_mode=features_mode,
        augmentation=_parse("--augmentation", augmentation, alone=True),
        **{**start["training"], **{name: value for name, value in given.items() if value is not None}},
    )
    chosen = start_keras(backend)

    from kerashar.callbacks import ProgressBar
    from kerashar.data import data_set, load_split
    from kerashar.files import write_json
    from kerashar.training import evaluate
    from kerashar.training import train as run_training

    split = load_split(data, archive=archive, seed=seed)
    folder = run or Path("runs") / f"{model}-{data_set(data).name}-{chosen}-seed{seed}"  # `data` may be a folder
    folder.mkdir(parents=True, exist_ok=True)
    console.print(
        f"{model} on {chosen}: {len(split.train)} windows to train, {len(split.validation)} to validate, "
        f"run folder {folder}"
    )
    bar = ProgressBar(recipe.epochs, console)
    with bar:
        result = run_training(recipe, split, folder, on_epoch=bar.epoch_ended, callbacks=[bar])
    test = evaluate(result.model, split.test)
    note = {"leakage": split.leakage_note, "best_epoch": result.best_epoch}
    write_json(folder / "test.json", {**note, "validation": result.validation.to_json(), "test": test.to_json()})
    seconds = sum(figures["seconds"] for figures in result.history)
    console.print(
        f"best epoch {result.best_epoch} of {len(result.history)}; validation accuracy {result.validation.accuracy:.2%}"
    )
    console.print(
        f"test accuracy {test.accuracy:.2%}, macro F1 {test.macro_f1:.2%} on {test.count} windows of subjects not "
        f"seen in training; trained in {seconds:.0f} s; model in {folder / 'model.keras'}"
    )


def _parse(option: str, texts: list[str] | None, alone: bool = False) -> dict[str, Any]:
    """Settings by name; a name may stand `alone` where True is what it means then."""
    import ast

    parsed: dict[str, Any] = {}
    for given in texts or []:
        name, equals, text = given.partition("=")
        if not name or not (equals or alone):
            raise ValueError(f"Expected {option} name=value. Received: {option} {given}.")
        try:
            parsed[name] = ast.literal_eval(text) if equals else True
        except (ValueError, SyntaxError):
            parsed[name] = text
    return parsed
