"""Our trials in a user's own `ray.tune.Tuner`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ray import tune

from kerashar.choose_backend import choose_backend
from kerashar.data import SubjectSplit
from kerashar.search.domains import Choice, IntUniform, LogUniform, Space, Uniform, flatten
from kerashar.search.training_objective import trial_recipe
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
    return tune.with_parameters(_run_trial, sides=Sides(split.train, split.validation), model=model)


def _run_trial(config: dict[str, Any], sides: Sides, model: str) -> None:
    choose_backend(config["backend"])
    from kerashar.training.run import train

    best = 0.0

    def on_epoch(epoch: int, metrics: dict[str, float]) -> None:
        nonlocal best
        best = max(best, metrics["val_macro_f1"])
        tune.report({**metrics, "epoch": epoch, "score": best})

    folder = Path(tune.get_context().get_trial_dir() or ".")
    folder.mkdir(parents=True, exist_ok=True)
    train(
        trial_recipe(model, flatten({group: part for group, part in config.items() if group != "backend"})),
        sides,
        folder,
        on_epoch,
    )


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
