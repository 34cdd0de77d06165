"""Pretext tasks by the names that the command line uses."""

import inspect
from typing import Any

from kerashar.names import unknown_name
from kerashar.training.pretraining.contrastive import Contrastive
from kerashar.training.pretraining.masked_reconstruction import MaskedReconstruction
from kerashar.training.pretraining.pretext_task import PretextTask

_TASKS: dict[str, Any] = {"contrastive": Contrastive, "masked": MaskedReconstruction}


def list_tasks() -> list[str]:
    """Names of the pretext tasks, sorted."""
    return sorted(_TASKS)


def create_task(name: str, **settings: Any) -> PretextTask:
    """Build a pretext task.

    Args:
        name: a name from `list_tasks()`.
        **settings: the task's own arguments, such as `share` of `"masked"`.

    Raises:
        ValueError: an unknown name or setting (the nearest right one is named), or a value that the task refuses.

    Example:
        >>> create_task("masked", share=0.3).share
        0.3
    """
    if name not in _TASKS:
        raise unknown_name("pretext task", name, _TASKS)
    known = set(inspect.signature(_TASKS[name].__init__).parameters) - {"self"}
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of {name}", setting, known)
    return _TASKS[name](**settings)
