"""Checks before a run, each a function that says whether it passed, what it saw, and what to do."""

from typing import TYPE_CHECKING

import keras

from kerashar.training.checks.by_heart import by_heart
from kerashar.training.checks.causality import causality
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import Check, CheckedRun
from kerashar.training.checks.class_balance import class_balance
from kerashar.training.checks.initial_loss import initial_loss
from kerashar.training.checks.input_baseline import input_baseline
from kerashar.training.checks.leak_guard import leak_guard
from kerashar.training.checks.learning_rate_range import learning_rate_range
from kerashar.training.checks.receptive_field_fits import receptive_field_fits
from kerashar.training.checks.sample_independence import sample_independence
from kerashar.training.checks.weights_move import weights_move

if TYPE_CHECKING:
    from kerashar.training.recipe import Recipe
    from kerashar.training.sides import TrainingSides

__all__ = [
    "CHECKS",
    "QUICK_CHECKS",
    "Check",
    "CheckResult",
    "CheckedRun",
    "by_heart",
    "causality",
    "class_balance",
    "initial_loss",
    "input_baseline",
    "leak_guard",
    "learning_rate_range",
    "quick_checks",
    "receptive_field_fits",
    "run_checks",
    "sample_independence",
    "sentence",
    "weights_move",
]

QUICK_CHECKS: tuple[Check, ...] = (leak_guard, class_balance, receptive_field_fits, initial_loss)
CHECKS: tuple[Check, ...] = (
    *QUICK_CHECKS,
    sample_independence,
    causality,
    weights_move,
    by_heart,
    input_baseline,
    learning_rate_range,
)


def quick_checks(model: keras.Model, split: "TrainingSides", recipe: "Recipe") -> list[CheckResult]:
    """The checks that take a second or two together: leaks, class balance, receptive field, initial loss.

    Use it before each training; the model, its optimizer and the random state stay as they are.

    Args:
        model: built, with its normalisation fitted.
        split: windows of training and validation subjects; test windows are not touched.
        recipe: of the run.
    """
    run = CheckedRun(model, split, recipe)
    return [check(run) for check in QUICK_CHECKS]


def run_checks(model: keras.Model, split: "TrainingSides", recipe: "Recipe") -> list[CheckResult]:
    """All checks, which take a minute or two together.

    Use it once for a new model, data set or recipe; `kerashar check` shows the same as a table. The model, its
    optimizer and the random state stay as they are.

    Args:
        model: built, with its normalisation fitted.
        split: windows of training and validation subjects; test windows are not touched.
        recipe: of the run.
    """
    run = CheckedRun(model, split, recipe)
    return [check(run) for check in CHECKS]


def sentence(check: Check) -> str:
    """What a check asks for: the first line of its docstring."""
    return (check.__doc__ or check.__name__).splitlines()[0]
