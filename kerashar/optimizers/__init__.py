"""Optimizers by name, and their classes, which load at their first use: a recipe checks names without Keras."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.optimizers.registry import create_optimizer, list_optimizers

if TYPE_CHECKING:
    from kerashar.optimizers.adamw import AdamW
    from kerashar.optimizers.adopt import ADOPT
    from kerashar.optimizers.layer_decay import layer_depths, with_layer_decay
    from kerashar.optimizers.muon import Muon
    from kerashar.optimizers.radam import RAdam
    from kerashar.optimizers.soap import SOAP
    from kerashar.optimizers.weight_decay import exclude_from_decay, is_decayed

__all__ = [
    "ADOPT",
    "SOAP",
    "AdamW",
    "Muon",
    "RAdam",
    "create_optimizer",
    "exclude_from_decay",
    "is_decayed",
    "layer_depths",
    "list_optimizers",
    "with_layer_decay",
]

_HOME = {
    "ADOPT": "kerashar.optimizers.adopt",
    "AdamW": "kerashar.optimizers.adamw",
    "Muon": "kerashar.optimizers.muon",
    "RAdam": "kerashar.optimizers.radam",
    "SOAP": "kerashar.optimizers.soap",
    "exclude_from_decay": "kerashar.optimizers.weight_decay",
    "is_decayed": "kerashar.optimizers.weight_decay",
    "layer_depths": "kerashar.optimizers.layer_decay",
    "with_layer_decay": "kerashar.optimizers.layer_decay",
}
__getattr__ = lazy_names(__name__, _HOME)
