"""The recipe's learning rate is one at which the loss falls."""

from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients

FAR = 10.0  # times from the suggestion


@needs_gradients
def learning_rate_range(run: CheckedRun) -> CheckResult:
    """The highest learning rate lies below the one at which the loss turns up in a range test."""
    curve, rate = run.learning_rate_curve, run.recipe.learning_rate
    end = "then runs away" if curve.diverged else "and never runs away"
    seen = (
        f"The loss falls from {curve.smoothed[0]:.3f} to {min(curve.smoothed):.3f} at a rate of "
        f"{curve.turning_point:.2g}, {end}; the recipe's is {rate:.2g}."
    )
    if curve.suggestion is None:
        return CheckResult("learning_rate_range", False, seen, "The loss falls at no rate: see the other checks.")
    suggested = f"Try learning_rate={curve.suggestion:.2g}, a tenth of it."
    if rate > curve.turning_point:
        return CheckResult("learning_rate_range", False, seen, suggested)
    far = max(rate / curve.suggestion, curve.suggestion / rate) > FAR
    return CheckResult("learning_rate_range", True, seen, suggested if far else "")
