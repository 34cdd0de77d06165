"""What stages of a study compare."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from kerashar.training.recipe import Recipe

# Settings that belong to the choice of another; a new choice begins without them.
_OWN = {
    "model": "model_settings",
    "optimizer": "optimizer_settings",
    "schedule": "schedule_settings",
    "loss": "loss_settings",
}
_MEMBER_SEEDS = 1000  # apart from the seeds of a study


@dataclass(frozen=True)
class Contender:
    """A way to train that a study measures with several seeds: a model, several as one, or one taught by others.

    Args:
        recipe: its settings that are not at their defaults, without a seed.
        members: how many models of this recipe answer together, trained with different seeds on the same subjects.
        teacher: whose outputs the model is trained on besides the labels; None for labels alone.
    """

    recipe: dict[str, Any]
    members: int = 1
    teacher: "Contender | None" = None

    def changed(self, changes: dict[str, Any]) -> "Contender":
        """The same with other settings of the recipe; those that are dictionaries get the entries added.

        Besides a recipe's settings there is `depth`: by how much the model's own setting of that is raised.

        Raises:
            ValueError: an unknown setting, or a model without a setting of its depth.

        Example:
            >>> Contender({"model": "tcn", "model_settings": {"levels": 3}}).changed({"model": "resnet1d"}).recipe
            {'model': 'resnet1d'}
            >>> Contender({"augmentation": {"mixup": 0.2}}).changed({"augmentation": {"jitter": 0.1}}).recipe
            {'augmentation': {'mixup': 0.2, 'jitter': 0.1}}
        """
        settings = Recipe(**self.recipe).settings()
        before = dict(settings)
        for name, value in changes.items():
            if name in _OWN and value != before.get(name):
                settings[_OWN[name]] = {}
        settings["model_settings"] = {**settings["model_settings"], **_deeper(settings, changes.get("depth", 0))}
        for name, value in changes.items():
            if name == "depth":
                continue
            settings[name] = {**settings[name], **value} if isinstance(settings.get(name), dict) else value
        return replace(self, recipe=Recipe.from_json(settings).changed())

    @property
    def alone(self) -> "Contender":
        """One model of the recipe, trained on labels."""
        return Contender(self.recipe)

    def seeded(self, seed: int) -> Recipe:
        """The recipe with a seed."""
        return Recipe(**self.recipe, seed=seed)

    def member(self, seed: int, number: int) -> "tuple[Contender, int]":
        """A member by its number from 0, and its own seed: the subjects of each side are those of `seed`.

        The first is the contender alone.
        """
        if not number:
            return self.alone, seed
        split = {"seed": seed, **self.recipe.get("split_settings", {})}
        return Contender({**self.recipe, "split_settings": split}), _MEMBER_SEEDS * number + seed

    @property
    def label(self) -> str:
        """A name for files, which differs where anything does."""
        parts = [Recipe(**self.recipe).version_name]
        if self.teacher is not None:
            parts.append(f"of-{self.teacher.label}")
        if self.members > 1:
            parts.append(f"by-{self.members}")
        return "-".join(parts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Contender":
        teacher = data["teacher"]
        return cls(data["recipe"], data["members"], None if teacher is None else cls.from_json(teacher))


def _deeper(settings: dict[str, Any], by: int) -> dict[str, Any]:
    """The setting that makes a model deeper, raised."""
    if not by:
        return {}
    from kerashar.models import model_card, model_settings

    name = model_card(settings["model"]).depth
    if name is None:
        raise ValueError(f"Expected a model with a setting of its depth. Received: {settings['model']}.")
    return {name: {**model_settings(settings["model"]), **settings["model_settings"]}[name] + by}
