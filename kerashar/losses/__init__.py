"""Losses by name, and their classes. A class loads at its first use, so that a recipe checks names without Keras."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.losses.registry import LOSSES, create_loss, list_losses

if TYPE_CHECKING:
    from kerashar.losses.cross_entropy import CrossEntropy
    from kerashar.losses.distillation import Distillation
    from kerashar.losses.focal import Focal
    from kerashar.losses.huber import Huber
    from kerashar.losses.mean_squared_error import MeanSquaredError
    from kerashar.losses.ordinal import Ordinal

__all__ = [
    "CrossEntropy",
    "Distillation",
    "Focal",
    "Huber",
    "MeanSquaredError",
    "Ordinal",
    "create_loss",
    "list_losses",
]

__getattr__ = lazy_names(__name__, {class_name: f"kerashar.losses.{name}" for name, class_name in LOSSES.items()})
