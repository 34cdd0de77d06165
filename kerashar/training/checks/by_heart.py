"""One batch can be learnt by heart."""

import math

from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients

STEPS = 200
SHARE = 0.1  # of log(classes): the loss of logits that say nothing


@needs_gradients
def by_heart(run: CheckedRun) -> CheckResult:
    """The model learns one batch by heart: within 200 steps its loss falls to a tenth of log(classes).

    The loss is plain cross-entropy in training mode, so that regularisation counts: a model that can't fit a few
    windows with it can't fit many.
    """
    rehearsal, (windows, targets) = run.rehearsal, run.batch
    rehearsal.restart()
    goal = SHARE * math.log(run.train.num_classes)
    first = lowest = rehearsal.step(windows, targets)
    steps = 1
    while lowest > goal and steps < STEPS:
        lowest = min(lowest, rehearsal.step(windows, targets))
        steps += 1
    seen = f"The loss of one batch of {len(windows)} windows falls from {first:.3f} to {lowest:.3f} in {steps} steps."
    passed = lowest <= goal
    advice = (
        f"Expected at most {goal:.3f}: see whether the outputs are logits, windows with other labels are equal, or "
        "dropout is high."
    )
    return CheckResult("by_heart", passed, seen, "" if passed else advice)
