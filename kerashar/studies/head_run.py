"""All ways of predicting a number, as a study measures them: in one process, with one seed."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_json
from kerashar.training.recipe import Recipe

HEAD_FIGURE = "mean_absolute_error"


@dataclass(frozen=True)
class HeadRun:
    """All ways of predicting a number, with classes of one width; see `HeadComparison`.

    Args:
        recipe: what the study has come to, as in a `Contender`.
        width: of a class, as a share of the range.
    """

    recipe: dict[str, Any]
    width: float

    @property
    def has_own_number(self) -> bool:
        """Whether the number is the data's own, and not the brightness."""
        return "class_width" in self.recipe.get("data_settings", {})

    @property
    def label(self) -> str:
        """A name for files, which differs where anything does."""
        return f"{Recipe(**self.recipe).version_name}-heads-{100 * self.width:g}"

    def seeded(self, seed: int) -> Recipe:
        """The recipe with a seed, on data that keep their number."""
        given = self.recipe.get("data_settings", {})
        data = {name: value for name, value in given.items() if name != "class_width"}
        return Recipe(**{**self.recipe, "data_settings": data, "seed": seed})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "HeadRun":
        return cls(data["recipe"], data["width"])


def compare_heads(asked: HeadRun, seed: int, source: dict[str, Any], folder: Path, figures: str) -> None:
    """Note in the file `figures` the mean absolute error of each way, as a share of the range, and the seconds."""
    from kerashar.data import nested_fraction
    from kerashar.training.recipe_data import recipe_split
    from kerashar.training.target_bins import TargetBins
    from kerashar.training.target_comparison import USED_SETTINGS, compare_targets

    recipe = asked.seeded(seed)
    split = recipe_split(recipe, **source)
    training, validation, _ = sides = split.train, split.validation, split.test
    numbers = [_numbers(side, asked.has_own_number) for side in sides]
    everywhere = np.concatenate(numbers)
    bins = TargetBins(float(everywhere.min()), float(everywhere.max()), asked.width)
    rows: Any = slice(None)  # leaves mapped images on disk
    if (fraction := recipe.data_settings.get("fraction", 1)) < 1:
        groups = training.groups if training.is_grouped else None
        rows = nested_fraction(bins.classes(numbers[0]), fraction, seed, groups)
    settings = {name: value for name, value in recipe.changed().items() if name in USED_SETTINGS}
    began = time.perf_counter()
    found = compare_targets(
        Recipe(**settings),
        (training.samples[rows], numbers[0][rows]),
        (validation.samples, numbers[1]),
        bins,
        folder,
    )
    errors = {way: each.mean_absolute_error / (bins.high - bins.low) for way, each in found.items()}
    write_json(folder / figures, {HEAD_FIGURE: errors, "seconds": time.perf_counter() - began})


def _numbers(images: Any, has_own: bool) -> np.ndarray:
    """What is predicted of each image."""
    if has_own:
        return images.targets.astype(np.float64)
    return images.images.mean(axis=(1, 2, 3), dtype=np.float64) / np.iinfo(np.uint8).max
