"""Options that several commands share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kerashar.training import Recipe

ON_RECORD = "the run was finished: the test figures are those on record in {}, not measured again"
DATA = "Data set: see `kerashar data`; of images also a folder, a zip, or what `kerashar data images` wrote."
Data = Annotated[str, typer.Option("--data", help=DATA)]
Archive = Annotated[
    Path | None,
    typer.Option(help="The publisher's file of the data set; without it the file is downloaded if need be."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting of the model, such as --set blocks=2; may be repeated."),
]
Features = Annotated[
    list[str] | None,
    typer.Option(
        "--feature", help="A feature, such as --feature jerk or --feature gaussian_smoothing=2.0; may be repeated."
    ),
]
Augmentations = Annotated[
    list[str] | None,
    typer.Option("--augmentation", help="An augmentation, such as --augmentation signal_augment=0.5; may be repeated."),
]
TrainingSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--training", help="Another setting of the recipe, such as --training optimizer=lion; may be repeated."
    ),
]
Backend = Annotated[str | None, typer.Option(help="torch, jax or tensorflow; otherwise KERAS_BACKEND, or torch.")]


def start_keras(backend: str | None) -> str:
    """Make Keras run on the backend that was asked for, by option or KERAS_BACKEND, and return its name."""
    from kerashar.choose_backend import choose_backend

    chosen = backend or os.environ.get("KERAS_BACKEND") or "torch"
    choose_backend(chosen)
    return chosen


def parse_settings(option: str, texts: list[str] | None, alone: bool = False) -> dict[str, Any]:
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


def pairs(option: str, texts: list[str] | None, alone: bool = False) -> dict[str, str]:
    """Values by name; a name that may stand `alone` is its own value."""
    pairs = {}
    for text in texts or []:
        # The name is a column's and may hold "=", as the value can't.
        name, equals, value = text.rpartition("=") if "=" in text else (text, "", text)
        if not name or not value or not (equals or alone):
            raise ValueError(f"Expected {option} name=value. Received: {option} {text}.")
        pairs[name] = value
    return pairs


def model_names(text: str) -> str | list[str]:
    """The model of an argument, or the models of one with commas."""
    return text.split(",") if "," in text else text


def read_recipe(path: Path) -> "Recipe":
    """The recipe in a file."""
    from kerashar.training import Recipe

    return Recipe.read(path)


def model_or_recipe(model: str | None, path: Path | None) -> "Recipe":
    """The recipe of a file, or the defaults with a model."""
    from kerashar.training import Recipe

    if path is None and model is not None:
        return Recipe(model=model)
    if path is not None and model is None:
        return read_recipe(path)
    raise ValueError(f"Expected a model or --recipe, not both. Received: model={model}, --recipe {path}.")


def chosen_recipe(
    model: str | None, path: Path | None, given: dict[str, Any], space: str | None = None, **groups: dict[str, Any]
) -> "Recipe":
    """The recipe of a file or of a model, with what the options change, on a data set that is named.

    Args:
        model: as for `model_or_recipe`.
        path: as for `model_or_recipe`.
        given: settings by name; None leaves one as it is.
        space: the search space of the model in whose middle to start.
        **groups: of settings that are dictionaries, such as `model_settings`, the entries that are added.
    """
    from kerashar.training import Recipe

    start = model_or_recipe(model, path).settings()
    if space:
        from kerashar.search.domains import middle
        from kerashar.search_spaces import search_space

        if path is not None:
            raise ValueError(f"Expected --space with a model, not with --recipe. Received: --space {space}.")
        centre = middle(search_space(str(model), space))
        start |= {"model_settings": centre["model"], **centre["training"]}
    joined = {name: {**start[name], **added} for name, added in groups.items()}
    changes = {name: value for name, value in given.items() if value is not None}
    return with_data(Recipe.from_json({**start, **joined, **changes}))


def with_data(recipe: "Recipe") -> "Recipe":
    """The recipe, as long as it names a data set."""
    if recipe.data is None:
        raise ValueError("Expected --data with the name of a data set: see `kerashar data`. Received: none.")
    return recipe
