"""Training a model further in stages, the first ones with most of it frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from kerashar.callbacks.checkpoint import EpochHook
from kerashar.files import write_json
from kerashar.models import save_model
from kerashar.training.recipe import Recipe
from kerashar.training.run import TrainingResult, train
from kerashar.training.sides import TrainingSides

# The head alone first: its fresh weights would otherwise shake what the others know.
STAGES: tuple[dict[str, Any], ...] = ({"trained_depth": 0, "epochs": 3}, {})


def fine_tune(
    recipe: Recipe,
    split: TrainingSides,
    folder: Path | str,
    stages: Sequence[Mapping[str, Any]] = STAGES,
    on_epoch: EpochHook | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> TrainingResult:
    """Train a model from the weights of a trained one, in stages that unfreeze it from the head down.

    Use it where a model trained on other data, or by `pretrain`, has to learn new classes or people from few windows.
    Each stage is a run by `kerashar.train` with a schedule of its own, and begins with the best epoch of the one
    before.

    Args:
        recipe: with `start`, the trained model's file.
        split: windows of training and validation subjects.
        folder: run folder, with `model.keras` of the last stage, and in a folder for each, such as `stage_1`, what
            `train` writes. A run that was killed goes on in the middle of its stage.
        stages: for each the settings in which it differs from the recipe. By default three epochs train the head
            alone, and then the recipe's epochs the whole model.
        on_epoch: as for `train`; epochs count anew in each stage.
        callbacks: as for `train`.

    Raises:
        ValueError: a recipe without `start`, no stage, a setting that a recipe doesn't have, or what `train` refuses.

    Example:
        >>> recipe = Recipe(start="runs/pretrained/model.keras", layer_decay=0.8)  # doctest: +SKIP
        >>> stages = [{"trained_depth": 0, "epochs": 3}, {"trained_depth": 2, "epochs": 3}, {}]  # doctest: +SKIP
        >>> result = fine_tune(recipe, split, "runs/tuned", stages)  # doctest: +SKIP

    Reference:
        Howard and Ruder, "Universal Language Model Fine-tuning for Text Classification", 2018, who unfreeze a layer
        with each epoch; their learning rate falls with the depth, as with a recipe's `layer_decay`.
    """
    if recipe.start is None:
        raise ValueError("Expected a recipe with start, the file of a trained model. Received: start=None.")
    if not stages:
        raise ValueError("Expected at least one stage. Received: stages=().")
    recipes = [Recipe.from_json({**recipe.to_json(), **stage}) for stage in stages]  # all checked ahead of the first
    folders = [Path(folder) / f"stage_{number}" for number in range(1, len(stages) + 1)]
    result = train(recipes[0], split, folders[0], on_epoch, callbacks)
    for staged, before, after in zip(recipes[1:], folders[:-1], folders[1:], strict=True):
        going_on = replace(staged, start=str(before / "model.keras"), keep_head=True)
        result = train(going_on, split, after, on_epoch, callbacks)
    write_json(Path(folder) / "recipe.json", recipe.to_json())
    save_model(result.model, Path(folder) / "model.keras")
    return result
