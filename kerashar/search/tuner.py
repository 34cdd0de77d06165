"""Our trials in a user's own `ray.tune.Tuner`."""

from collections.abc import Callable, Sequence
from typing import Any

from ray import tune

from kerashar.data import SubjectSplit
from kerashar.search.domains import Choice, IntUniform, LogUniform, Space, Uniform
from kerashar.search.trial import run_trial
from kerashar.training.sides import Sides


def trainable(model: str, split: SubjectSplit) -> Callable[[dict[str, Any]], None]:
    """A function that `ray.tune.Tuner` can run: one trial of `model`, in its own process.

    Use it for a sweep with your own scheduler, searcher and callbacks. It reports `loss`, `val_loss`,
    `val_accuracy`, `val_macro_f1`, `seconds`, `epoch`, and `score`, the macro F1 of the best epoch so far.
    The windows go to Ray's object store once; the test side of the split stays behind.

    Args:
        model: name of a registered model.
        split: windows by subject.

    Example:
        >>> from ray import tune  # doctest: +SKIP
        >>> tuner = tune.Tuner(  # doctest: +SKIP
        ...     trainable("modern_tcn", split), param_space=ray_space(search_space("modern_tcn"))
        ... )
    """
    return tune.with_parameters(run_trial, sides=Sides(split.train, split.validation), model=model)


def ray_space(space: Space, backends: Sequence[str] = ("torch",)) -> dict[str, Any]:
    """A search space of ours as `param_space` for `ray.tune.Tuner`.

    Args:
        space: domains and constants, such as `kerashar.search_spaces.search_space("modern_tcn")`.
        backends: backends to choose among.
    """
    drawn = {group: {key: _domain(value) for key, value in part.items()} for group, part in space.items()}
    return {"model": {}, "training": {}, **drawn, "backend": tune.choice(list(backends))}


def _domain(value: Any) -> Any:
    match value:
        case Choice():
            return tune.choice(list(value.options))
        case IntUniform():
            return tune.randint(value.low, value.high + 1)
        case LogUniform():
            return tune.loguniform(value.low, value.high)
        case Uniform():
            return tune.uniform(value.low, value.high)
    return value
