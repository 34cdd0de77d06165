"""A stage that searches."""

from dataclasses import dataclass
from typing import Any

from kerashar.search.domains import Space
from kerashar.studies.contender import Contender

# What a search's space has in groups of their own, and by which name.
_GROUPS = {"model_settings": "model", "features": "features", "augmentation": "augmentation"}
_OF_DATA = ("model", "data", "split", "split_settings")


@dataclass(frozen=True)
class SmallSearch:
    """Searches settings around what the study has come to, and compares the best found with it.

    The search uses the screening seed; the seeds that decide see its best trial alone.

    Args:
        name: of the stage.
        space: domains by group, as in a search space: `model`, `training`, `features` and `augmentation`.
        trials: how many.
        scheduler: as for `run_search`. Defaults to `"asha"`.
        searcher: as for `run_search`. Defaults to `"tpe"`.
    """

    name: str
    space: Space
    trials: int
    scheduler: str = "asha"
    searcher: str = "tpe"

    def whole_space(self, current: Contender) -> Space:
        """The domains amid the settings that the study has come to."""
        settings = {"epochs": current.seeded(0).epochs, **current.recipe}
        training = {name: value for name, value in settings.items() if name not in (*_GROUPS, *_OF_DATA)}
        space: Space = {group: dict(settings.get(name, {})) for name, group in _GROUPS.items()}
        space["training"] = {name: value for name, value in training.items() if name != "data_settings"}
        if "fraction" in settings.get("data_settings", {}):
            space["training"]["data_settings"] = {"fraction": settings["data_settings"]["fraction"]}
        for group, domains in self.space.items():
            space[group].update(domains)
        return space

    def found(self, current: Contender, settings: dict[str, Any]) -> Contender:
        """The contender with a trial's settings, flat as `"training.learning_rate"`."""
        changes: dict[str, Any] = {}
        names = {group: name for name, group in _GROUPS.items()}
        for group, domains in self.space.items():
            chosen = {key: settings[f"{group}.{key}"] for key in domains}
            changes |= chosen if group == "training" else {names[group]: chosen}
        return current.changed(changes)
