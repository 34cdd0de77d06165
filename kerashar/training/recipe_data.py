"""The windows or images that a recipe names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerashar.data import SubjectSplit, WindowSet, data_set, load_windows, split_by_subject
from kerashar.data.images import ImageSet, ImageSplit, cached_images, load_images, split_images
from kerashar.data.images.split_images import draw_sides
from kerashar.models import list_models, model_card
from kerashar.names import unknown_name
from kerashar.training.recipe import IMAGE_SETTINGS, WINDOW_SETTINGS, Recipe
from kerashar.training.target_bins import TargetBins

TEST_SHARE = 0.2


def recipe_split(
    recipe: Recipe, *, archive: Path | str | None = None, cache: Path | str | None = None
) -> SubjectSplit | ImageSplit:
    """Load a recipe's data, cut or decoded and split as the recipe says.

    Use it to repeat a run from its `recipe.json` alone. A model of images takes images, any other one windows.

    Args:
        recipe: with `data`, `data_settings`, `split` and `split_settings`. The fraction of the training samples is
            taken by `train`, from whatever split it gets.
        archive: the publisher's file; None downloads it or takes it from an installed package. Of images the folder,
            zip or decoded file, where it is elsewhere than the recipe says.
        cache: folder for what is built from it; None takes the variable KERASHAR_CACHE, or the user's cache.

    Raises:
        FileNotFoundError: the archive, package, folder or file is missing.
        ConnectionError: the download failed.
        ValueError: a recipe without data, an unknown data set, subject or value, an official split of data that have
            none, or images in another layout than `find_images` reads.

    Example:
        >>> split = recipe_split(Recipe(data="watch", split="subjects", split_settings={"test_subjects": ["03"]}))
        >>> sorted(set(split.test.subjects.tolist()))
        ['03']
    """
    samples = _samples(recipe, archive, cache)
    if isinstance(samples, ImageSet):
        return _split_images(recipe, samples)
    return split_by_subject(samples, **split_settings(recipe, cache=cache))


def recipe_samples(
    recipe: Recipe, *, archive: Path | str | None = None, cache: Path | str | None = None
) -> WindowSet | ImageSet:
    """All windows or images of a recipe, which are decoded once and kept; arguments and errors as of `recipe_split`."""
    samples = _samples(recipe, archive, cache)
    return _classified(recipe, samples) if isinstance(samples, ImageSet) else samples


def _samples(recipe: Recipe, archive: Path | str | None, cache: Path | str | None) -> WindowSet | ImageSet:
    """All windows or images, with classes or numbers as the data have them."""
    if recipe.data is None:
        raise ValueError("Expected a recipe that names its data set. Received: data=None. Add it to the recipe.")
    if model_card(recipe.model).takes == "signals":
        cut = _data_settings(recipe, WINDOW_SETTINGS)
        return load_windows(recipe.data, archive=archive, cache=cache, **cut)
    source, settings = Path(archive or recipe.data), _data_settings(recipe, IMAGE_SETTINGS)
    settings.pop("class_width", None)
    if source.suffix != ".npy":
        return cached_images(source, cache=cache, **settings)
    if settings:
        raise ValueError(f"Expected {source} without {', '.join(settings)}: it is decoded. Received: {settings}.")
    return load_images(source)


def model_recipe(path: Path, model: keras.Model, data: str | None = None, seed: int | None = None) -> Recipe:
    """What a saved model's data were by the `recipe.json` beside it; on other data what they are by default.

    Args:
        path: the model's file.
        model: loaded from it.
        data: of the recipe asked for; None takes what the model was trained on.
        seed: of its split; None takes the recipe's.

    Raises:
        ValueError: no data, and no recipe beside the model that names some.
    """
    beside = path.with_name("recipe.json")
    recipe = Recipe(model=_registered(model))
    if beside.exists():
        recipe = Recipe.read(beside)
    if data not in (None, recipe.data):
        settings = {}
        if model_card(recipe.model).takes == "images":
            settings = {"size": list(model.input_shape[1:3]), "channels": model.input_shape[3]}
        recipe = Recipe(model=recipe.model, data=data, data_settings=settings)
    if recipe.data is None:
        raise ValueError(
            f"Expected the name of a data set, or a recipe.json that names it beside {path}. Received: none."
        )
    return recipe if seed is None else replace(recipe, seed=seed)


def _registered(model: keras.Model) -> str:
    """The name of the registered model that a model is, or is built on; else, as of an ensemble, one of its kind."""
    known = (model.name, getattr(model, "model", None))
    kind = "images" if len(model.input_shape) == 4 else "signals"
    return next((name for name in known if name in list_models()), list_models(takes=kind)[0])


def data_name(recipe: Recipe) -> str:
    """What the data are called, also where the recipe names a folder or file."""
    images = model_card(recipe.model).takes == "images"
    return Path(str(recipe.data)).stem if images else data_set(str(recipe.data)).name


def split_settings(recipe: Recipe, *, cache: Path | str | None = None) -> dict[str, Any]:
    """The arguments of `split_by_subject` for a recipe: its own, with the test subjects of an official split."""
    known = data_set(str(recipe.data), cache=cache)
    settings = {"seed": recipe.seed, **recipe.split_settings}
    if recipe.split == "drawn":
        people = np.random.default_rng(settings["seed"]).permutation(sorted(known.subjects)).tolist()
        settings["test_subjects"] = people[: max(1, round(settings.pop("test_share", TEST_SHARE) * len(people)))]
    if recipe.split == "official":
        settings["test_subjects"] = known.test_subjects
        if not known.test_subjects:
            raise ValueError(
                f"Expected a data set with test subjects of its own. Received: {recipe.data!r}. Name them: "
                "split='subjects', split_settings={'test_subjects': [...]}; or draw them: split='drawn'."
            )
    return settings


def _split_images(recipe: Recipe, images: ImageSet) -> ImageSplit:
    settings = {"seed": recipe.seed, **recipe.split_settings}
    if "validation_subjects" in settings:
        raise ValueError("Expected a validation_share of images. Received: validation_subjects.")
    if recipe.split == "official" and not (images.sides == "test").any():
        raise ValueError(
            f"Expected images with a test folder. Received: {recipe.data}, which has none. Draw a test side: "
            "split='drawn' (on the command line --training split=drawn)."
        )
    test = settings.pop("test_subjects", None)
    if recipe.split == "drawn":
        test = settings.pop("test_share", TEST_SHARE)
    if "class_width" not in recipe.data_settings:
        return split_images(images, test=test, **settings)
    # Drawn by the numbers, so that classes of any width are compared on the same images.
    reason = settings.pop("allow_leakage", None)
    sides = draw_sides(images, test=test, **settings)
    return split_images(replace(_classified(recipe, images), sides=sides), allow_leakage=reason)


def _classified(recipe: Recipe, images: ImageSet) -> ImageSet:
    """The images with classes of their numbers, where the recipe asks for some; those that never occur are left out."""
    if "class_width" not in recipe.data_settings:
        return images
    if images.targets is None:
        raise ValueError(
            f"Expected images with a number each for class_width. Received: {recipe.data}, which has the classes "
            f"{', '.join(images.class_names[:5])}{', ...' * (images.num_classes > 5)}. Leave class_width out."
        )
    numbers = images.targets.astype(np.float64)
    bins = TargetBins(float(numbers.min()), float(numbers.max()), recipe.data_settings["class_width"])
    occurring, labels = np.unique(bins.classes(numbers), return_inverse=True)
    return replace(images, targets=None, labels=labels, class_names=tuple(bins.names[each] for each in occurring))


def _data_settings(recipe: Recipe, known: tuple[str, ...]) -> dict[str, Any]:
    """The recipe's settings of how the data are read; those of another kind of data are refused."""
    settings = {name: value for name, value in recipe.data_settings.items() if name != "fraction"}
    for name in settings:
        if name not in known:
            raise unknown_name(f"setting of the data of {recipe.model}", name, known)
    return settings
