"""Losses by the names that recipes use."""

import inspect
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.names import unknown_name

if TYPE_CHECKING:
    import keras

# The file of a class is named as the loss is.
LOSSES = {
    "cross_entropy": "CrossEntropy",
    "distillation": "Distillation",
    "focal": "Focal",
    "huber": "Huber",
    "mean_squared_error": "MeanSquaredError",
    "ordinal": "Ordinal",
}


def list_losses() -> list[str]:
    """Names of the losses, sorted."""
    return sorted(LOSSES)


def create_loss(
    name: str, *, class_weights: Sequence[float] | None = None, label_smoothing: float = 0.0, **settings: Any
) -> "keras.losses.Loss":
    """Build a loss.

    Use it where the loss's name comes from a recipe or the command line; else call the class.

    Args:
        name: a name from `list_losses()`.
        class_weights: one factor for each class, of a loss of classes; `None` for none.
        label_smoothing: share of each target spread evenly over the classes, of a loss of classes.
        **settings: the loss's own arguments, such as `gamma` of `"focal"`.

    Raises:
        ValueError: an unknown name or setting (the nearest right one is named), class weights or smoothing for a loss
            of numbers, or a value that the loss refuses.

    Example:
        >>> create_loss("focal", label_smoothing=0.1, gamma=1.0).get_config()["gamma"]
        1.0
    """
    if name not in LOSSES:
        raise unknown_name("loss", name, LOSSES)
    loss_class = getattr(import_module(f"kerashar.losses.{name}"), LOSSES[name])
    known = set(inspect.signature(loss_class.__init__).parameters) - {"self", "kwargs"}
    of_classes = {"class_weights", "label_smoothing"}
    for setting in settings:
        if setting not in known - of_classes:
            raise unknown_name(f"setting of {name}", setting, known)
    if of_classes <= known:
        settings |= {"class_weights": class_weights, "label_smoothing": label_smoothing}
    elif class_weights is not None or label_smoothing:
        raise ValueError(
            f"Expected neither class_weights nor label_smoothing with {name!r}, a loss of numbers. "
            f"Received: class_weights={class_weights!r}, label_smoothing={label_smoothing!r}."
        )
    return loss_class(**settings)
