"""The convolutions see about as much as the window holds."""

from kerashar.data import WindowSet
from kerashar.models import list_models, model_card, receptive_field
from kerashar.models.receptive_field import LONGEST, SHORTEST
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun


def receptive_field_fits(run: CheckedRun) -> CheckResult:
    """The receptive field is 0.7 to 1.2 of the window; what is outside gets advice, and never fails."""
    name, windows = "receptive_field_fits", run.train
    if not isinstance(windows, WindowSet):
        return CheckResult(name, None, "It is a matter of signals.")
    length, rate = windows.window_shape[0], windows.rate
    try:
        samples = receptive_field(run.trunk).samples
    except ValueError as error:
        return CheckResult(name, None, f"It is not known: {error}")
    share = samples / length
    seen = f"The convolutions see {samples} samples, {share:.2f} of the window's {length} ({length / rate:.2f} s)."
    advice = ""
    if not SHORTEST <= share <= LONGEST:
        short = share < SHORTEST
        advice = (
            f"{SHORTEST} to {LONGEST} of the window is a good start: try a {'deeper' if short else 'shallower'} model"
        )
        model = run.recipe.model
        if model in list_models() and model_card(model).depth:
            advice += f" (`kerashar models {model} --window {length / rate:.2f} --rate {rate:g}` suggests a depth)"
        advice += ", unless recurrent layers or attention see the rest." if short else "."
    return CheckResult(name, True, seen, advice)
