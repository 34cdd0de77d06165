"""A stage that compares named changes."""

from dataclasses import dataclass
from typing import Any

from kerashar.studies.contender import Contender


@dataclass(frozen=True)
class Comparison:
    """Compares changes of the recipe with what the study has come to.

    With more options than `finalists` all are trained with the screening seed first, and only the best of them with the
    seeds that decide.

    Args:
        name: of the stage.
        options: by name the changes: settings of a `Recipe`. Those that are dictionaries are added to what is there.
        finalists: how many options the deciding seeds see. Defaults to 2.

    Example:
        >>> Comparison("depth", {"3 blocks": {"model_settings": {"blocks": 3}}}).name
        'depth'
    """

    name: str
    options: dict[str, dict[str, Any]]
    finalists: int = 2

    def __post_init__(self) -> None:
        if not self.options or self.finalists < 1:
            raise ValueError(
                f"Expected options and at least 1 finalist. Received: {len(self.options)} options, "
                f"finalists={self.finalists}."
            )

    def contenders(self, current: Contender) -> dict[str, Contender | ValueError]:
        """What is compared with `current`, by name; the error of an option that its model can't take."""
        found: dict[str, Contender | ValueError] = {}
        for name, changes in self.options.items():
            try:
                found[name] = current.changed(changes)
            except ValueError as error:
                found[name] = error
        return found


def one_by_one(name: str, options: dict[str, dict[str, Any]]) -> list[Comparison]:
    """A stage for each option, so that those that hold add up.

    Example:
        >>> [stage.name for stage in one_by_one("augmentation", {"mixup": {"augmentation": {"mixup": 0.2}}})]
        ['augmentation: mixup']
    """
    return [Comparison(f"{name}: {option}", {option: changes}) for option, changes in options.items()]
