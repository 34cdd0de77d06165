"""A stage that trains one model on what several say."""

from dataclasses import dataclass, field
from typing import Any

from kerashar.studies.contender import Contender


@dataclass(frozen=True)
class Distilling:
    """Compares what the study has come to with one model that an ensemble of its kind teaches.

    Args:
        name: of the stage.
        members: how many teach, as of `Joining`: those of an equal one are trained already. Defaults to 3.
        changes: settings of the student's recipe, such as a smaller model.
        loss_settings: `temperature` and `alpha` of the distillation.
    """

    name: str = "distillation"
    members: int = 3
    changes: dict[str, Any] = field(default_factory=dict)
    loss_settings: dict[str, Any] = field(default_factory=dict)

    def contenders(self, current: Contender) -> dict[str, Contender]:
        """What is compared with `current`, by name; beside an ensemble also one model alone."""
        loss = {"loss": "distillation", "loss_settings": self.loss_settings, "class_weights": None}
        student = current.alone.changed({**self.changes, **loss})
        teacher = Contender(current.recipe, self.members)
        found = {f"taught by {self.members}": Contender(student.recipe, teacher=teacher)}
        return found if current == current.alone else {"one model": current.alone, **found}
