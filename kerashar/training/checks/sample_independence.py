"""Samples of a batch don't mix."""

from typing import Any

import numpy as np
from keras import ops

from kerashar import backend
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients


@needs_gradients
def sample_independence(run: CheckedRun) -> CheckResult:
    """A sample's loss depends on its own input and on no other sample's, by its gradient.

    A batch normalisation mixes samples in training mode by design. A model that has one is judged in inference mode
    alone, others in both.
    """
    windows, targets = (part[:4] for part in run.batch)
    label = int(targets[0].argmax())
    normalizes_batch = any(weight.name == "moving_mean" for weight in run.model.non_trainable_weights)
    seen = ""
    for training in (False,) if normalizes_batch else (False, True):

        def loss_of_first(inputs: Any, training: bool = training) -> Any:
            return -ops.log_softmax(run.model(inputs, training=training)[0])[label]

        with backend.kept_random_state():
            gradient = backend.input_gradient(loss_of_first, windows)
        own, others = np.abs(gradient[0]).max(), np.abs(gradient[1:]).max(initial=0)
        mode = "training" if training else "inference"
        seen = (
            f"In {mode} mode the largest gradient of a window's loss is {own:.2g} at its own samples and {others:.2g} "
            "at other windows'."
        )
        if others > 0:
            advice = "Look for a reshape, mean, softmax or attention over the batch axis instead of another."
            return CheckResult("sample_independence", False, seen, advice)
        if not own > 0:
            advice = "Look for what cuts the gradient: a rounding, a comparison, stop_gradient, a dead activation."
            return CheckResult("sample_independence", False, seen, advice)
    if normalizes_batch:
        seen += " In training mode its batch normalisation mixes windows by design."
    return CheckResult("sample_independence", True, seen)
