"""Optimizers by the names that recipes use."""

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.names import unknown_name

if TYPE_CHECKING:
    import keras

_CLASSES = {
    "adam": ("kerashar.optimizers.adamw", "AdamW"),
    "adamw": ("kerashar.optimizers.adamw", "AdamW"),
    "adopt": ("kerashar.optimizers.adopt", "ADOPT"),
    "lion": ("keras.optimizers", "Lion"),
    "muon": ("kerashar.optimizers.muon", "Muon"),
    "radam": ("kerashar.optimizers.radam", "RAdam"),
    "sgd": ("keras.optimizers", "SGD"),
    "soap": ("kerashar.optimizers.soap", "SOAP"),
}
# Those of every optimizer in Keras, which create_optimizer sets by its own arguments or leaves alone.
_SHARED = {
    "learning_rate",
    "weight_decay",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
    "name",
    "self",
    "kwargs",
}


def list_optimizers() -> list[str]:
    """Names of the optimizers, sorted."""
    return sorted(_CLASSES)


def create_optimizer(
    name: str,
    learning_rate: "float | keras.optimizers.schedules.LearningRateSchedule",
    *,
    weight_decay: float = 0.0,
    clip_norm: float | None = None,
    ema_momentum: float | None = None,
    accumulate: int = 1,
    **settings: Any,
) -> "keras.optimizers.Optimizer":
    """Build an optimizer.

    Use it where the optimizer's name comes from a recipe or the command line; else call the class. Follow it by
    `exclude_from_decay`: by itself an optimizer decays biases and norms too.

    Args:
        name: a name from `list_optimizers()`.
        learning_rate: above 0, or a schedule, whose steps are batches, whatever `accumulate` is.
        weight_decay: share of each weight taken off per step, times the learning rate; it never passes through the
            gradients' moments, so that `"adam"` with it is `"adamw"`. Defaults to 0.
        clip_norm: bound on the norm of all gradients together, after `accumulate` has averaged them; `None` for none.
        ema_momentum: at least 0 and below 1: how much of the weights' moving average each update keeps. `fit` puts
            the average into the model when it ends. `None` for no average.
        accumulate: batches whose mean gradient makes one update; those left over at the end of `fit` make none.
            Defaults to 1.
        **settings: the optimizer's own arguments, such as `beta_1`.

    Raises:
        ValueError: an unknown name or setting (the nearest right one is named), or a value out of its range.

    Example:
        >>> create_optimizer("sgd", 0.1, clip_norm=1.0, momentum=0.9).get_config()["global_clipnorm"]
        1.0
    """
    if name not in _CLASSES:
        raise unknown_name("optimizer", name, _CLASSES)
    _check("weight_decay", "at least 0", weight_decay, weight_decay >= 0)
    _check("clip_norm", "above 0, or None", clip_norm, clip_norm is None or clip_norm > 0)
    in_range = ema_momentum is None or 0 <= ema_momentum < 1
    _check("ema_momentum", "at least 0 and below 1, or None", ema_momentum, in_range)
    _check("accumulate", "a whole number of at least 1", accumulate, isinstance(accumulate, int) and accumulate >= 1)
    if isinstance(learning_rate, int | float):
        _check("learning_rate", "above 0", learning_rate, learning_rate > 0)
        learning_rate = float(learning_rate)
    module, class_name = _CLASSES[name]
    optimizer_class = getattr(import_module(module), class_name)
    known = set(inspect.signature(optimizer_class.__init__).parameters) - _SHARED
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of {name}", setting, known)
    if ema_momentum is not None:
        # Keras moves the average at each batch, also where the weights stand still between updates.
        settings |= {"use_ema": True, "ema_momentum": ema_momentum ** (1 / accumulate)}
    return optimizer_class(
        learning_rate=learning_rate,
        weight_decay=float(weight_decay),
        global_clipnorm=clip_norm,
        gradient_accumulation_steps=accumulate if accumulate > 1 else None,
        **settings,
    )


def _check(name: str, what: str, value: Any, holds: bool) -> None:
    if not holds:
        raise ValueError(f"Expected {name} to be {what}. Received: {name}={value!r}.")
