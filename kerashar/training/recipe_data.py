"""The windows that a recipe names."""

from pathlib import Path
from typing import Any

from kerashar.data import SubjectSplit, data_set, load_windows, split_by_subject
from kerashar.training.recipe import Recipe


def recipe_split(recipe: Recipe, *, archive: Path | str | None = None, cache: Path | str | None = None) -> SubjectSplit:
    """Load a recipe's data set, cut and split as the recipe says.

    Use it to repeat a run from its `recipe.json` alone.

    Args:
        recipe: with `data`, `data_settings`, `split` and `split_settings`. The fraction of the training windows is
            taken by `train`, from whatever split it gets.
        archive: the publisher's file; None downloads it or takes it from an installed package.
        cache: folder for what is built from it; None takes the variable KERASHAR_CACHE, or the user's cache.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: a recipe without data, an unknown data set, subject or value, or an official split of a data set
            with fewer than three subjects.

    Example:
        >>> split = recipe_split(Recipe(data="watch", split="subjects", split_settings={"test_subjects": ["03"]}))
        >>> sorted(set(split.test.subjects.tolist()))
        ['03']
    """
    settings = split_settings(recipe, cache=cache)
    cut = {name: value for name, value in recipe.data_settings.items() if name != "fraction"}
    windows = load_windows(str(recipe.data), archive=archive, cache=cache, **cut)
    return split_by_subject(windows, **settings)


def split_settings(recipe: Recipe, *, cache: Path | str | None = None) -> dict[str, Any]:
    """The arguments of `split_by_subject` for a recipe: its own, with the test subjects of an official split."""
    if recipe.data is None:
        raise ValueError("Expected a recipe that names its data set. Received: data=None. Add it to the recipe.")
    settings = {"seed": recipe.seed, **recipe.split_settings}
    if recipe.split == "official":
        settings["test_subjects"] = data_set(recipe.data, cache=cache).test_subjects
        if not settings["test_subjects"]:
            raise ValueError(
                f"Expected a data set with test subjects of its own. Received: {recipe.data!r}. "
                "Name them: split='subjects', split_settings={'test_subjects': [...]}."
            )
    return settings
