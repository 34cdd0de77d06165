"""Time stamps that contradict themselves or the declared rate."""

import numpy as np

from kerashar.data.quality.problem import Problem, Severity

_GAP_INTERVALS = 5  # intervals without a sample; a busy phone delivers a few samples late
_RATE_TOLERANCE = 0.02  # a window of 2.56 s is then wrong by 0.05 s
_JITTER = 0.25  # of the interval, as the deviation of the steps


def time_stamps(times: np.ndarray, rate: float) -> list[Problem]:
    """Time stamps go back, repeat, leave gaps, tremble, or tell another rate than declared."""
    if len(times) < 3 or not np.isfinite(times).all():
        what = "fewer than three" if len(times) < 3 else f"{int((~np.isfinite(times)).sum())} NaN or infinite"
        return [_problem("error", "time stamps", f"Time stamps can't be checked: {what}.", "Mend the stamps.", None)]
    steps = np.diff(times)
    problems = []
    signs: list[tuple[Severity, str, np.ndarray, str, str]] = [
        ("error", "time goes back", steps < 0, "stamps are before the one ahead of them", "Sort or cut there."),
        (
            "warning",
            "time stands still",
            steps == 0,
            "stamps repeat the one ahead of them",
            "Average the samples of one stamp.",
        ),
        (
            "warning",
            "gap in time",
            steps > _GAP_INTERVALS / rate,
            f"gaps of up to {steps.max():.3g} s",
            "Cut there; don't bridge gaps.",
        ),
    ]
    for severity, kind, found, text, advice in signs:
        if found.any():
            first = int(np.flatnonzero(found)[0]) + 1
            problems.append(_problem(severity, kind, f"{int(found.sum())} {text}.", advice, first, times))
    # The mean, since late samples come in bursts; what isn't time that samples filled would only shift it.
    filled = steps[(steps >= 0) & (steps <= _GAP_INTERVALS / rate)]
    typical = float(filled.mean()) if len(filled) else float(np.median(steps))
    if typical > 0 and abs(1 / (typical * rate) - 1) > _RATE_TOLERANCE:
        problems.append(
            _problem(
                "error",
                "wrong rate",
                f"The mean step between stamps is {typical:.5g} s: {1 / typical:.4g} Hz, declared are {rate:g} Hz.",
                "Declare the true rate, or resample.",
                None,
            )
        )
    deviation = float(np.median(np.abs(steps - typical)))
    if typical > 0 and deviation > _JITTER * typical:
        problems.append(
            _problem(
                "note",
                "unsteady time",
                f"Half of the steps are more than {deviation / typical:.0%} off the mean step.",
                "Resample by the stamps, to a steady rate.",
                None,
            )
        )
    return problems


def _problem(
    severity: Severity, kind: str, text: str, advice: str, sample: int | None, times: np.ndarray | None = None
) -> Problem:
    seconds = None if sample is None or times is None else round(float(times[sample] - times[0]), 3)
    return Problem(severity, kind, text, advice, sample=sample, seconds=seconds)
