"""A stage that lets several models answer together."""

from dataclasses import dataclass, replace

from kerashar.studies.contender import Contender


@dataclass(frozen=True)
class Joining:
    """Compares one model with several of its kind, whose probabilities are averaged.

    Args:
        name: of the stage.
        members: how many, trained with different seeds on the same subjects. Defaults to 3.
    """

    name: str = "ensemble"
    members: int = 3

    def contenders(self, current: Contender) -> dict[str, Contender]:
        """What is compared with `current`, by name."""
        return {f"ensemble of {self.members}": replace(current, members=self.members)}
