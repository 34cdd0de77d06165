"""Every weight takes part in training."""

import numpy as np
from keras import ops

from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients

STEPS = 3  # a branch that starts at zero gets its gradient from the second step on


@needs_gradients
def weights_move(run: CheckedRun) -> CheckResult:
    """Every trainable weight changes within three steps."""
    rehearsal = run.rehearsal
    rehearsal.restart()
    weights = rehearsal.copy.trainable_weights
    before = [ops.convert_to_numpy(weight).copy() for weight in weights]
    for _ in range(STEPS):
        rehearsal.step(*run.batch)
    still = [
        weight.path
        for weight, old in zip(weights, before, strict=True)
        if np.array_equal(ops.convert_to_numpy(weight), old)
    ]
    seen = f"{len(weights) - len(still)} of {len(weights)} weights moved in {STEPS} steps."
    if not still:
        return CheckResult("weights_move", True, seen)
    return CheckResult(
        "weights_move", False, f"{seen} Still: {', '.join(still[:5])}.", "Connect those layers, or freeze them."
    )
