"""The windows without labels that a recipe names."""

from pathlib import Path

import numpy as np

from kerashar.data import cut_unlabelled, data_set
from kerashar.data.splits import draw_sides
from kerashar.training.recipe import Recipe
from kerashar.training.recipe_data import split_settings
from kerashar.training.sides import Sides


def unlabelled_sides(recipe: Recipe, *, archive: Path | str | None = None, cache: Path | str | None = None) -> Sides:
    """Load whole recordings of a recipe's data set, without those of its test subjects.

    Use it for `pretrain`. The validation subjects are those that `recipe_split` draws for the same seed.

    Args:
        recipe: with `data`, `split` and `split_settings`; of `data_settings` those that count without labels:
            `seconds` and `overlap`.
        archive: as for `recipe_split`.
        cache: as for `recipe_split`.

    Raises:
        FileNotFoundError: the archive or package is missing.
        ConnectionError: the download failed.
        ValueError: as `recipe_split`, or a setting of labels or of a fraction.

    Example:
        >>> sides = unlabelled_sides(Recipe(data="watch"))
        >>> sides.train.class_names
        ('unlabelled',)
    """
    settings = split_settings(recipe, cache=cache)
    known = data_set(str(recipe.data), cache=cache)
    if of_labels := sorted(set(recipe.data_settings) - {"seconds", "overlap"}):
        raise ValueError(f"Expected settings of data that has no labels: seconds, overlap. Received: {of_labels}.")
    cut = {"seconds": known.window_seconds, "overlap": known.overlap, **recipe.data_settings}
    windows = cut_unlabelled(known.recordings(archive=archive, cache=cache), **cut)
    sides = draw_sides(set(windows.subjects.tolist()), **settings)
    return Sides(*(windows.select(np.isin(windows.subjects, sides[side])) for side in ("train", "validation")))
