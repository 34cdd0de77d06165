"""The loss before the first step."""

from typing import Any

import keras
from keras import ops

from kerashar import backend
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients

LOWEST, HIGHEST = 0.5, 2.5  # times the expected loss; the registered models start at 0.98 to 1.77 times


@needs_gradients
def initial_loss(run: CheckedRun) -> CheckResult:
    """The untrained model's loss is about that of equal logits: log(classes) for cross-entropy.

    Label smoothing, class weights and the focal factor are in both. The model is in training mode, as in the first
    step: a batch normalisation that has seen nothing scales nothing yet in inference.
    """
    windows, targets = run.batch
    loss = run.loss()
    if loss is None:
        return CheckResult("initial_loss", None, f"The loss {run.recipe.loss} is not one of labels alone.")

    def in_training_mode(inputs: Any) -> Any:
        with keras.StatelessScope():  # what is drawn and what is averaged leaves the model as it is
            return run.model(inputs, training=True)

    with backend.kept_random_state():
        logits = backend.compiled(in_training_mode)(ops.convert_to_tensor(windows))
    found = float(ops.convert_to_numpy(loss(targets, logits)))
    expected = float(ops.convert_to_numpy(loss(targets, ops.zeros_like(logits))))
    bounds = f"{LOWEST} to {HIGHEST} times"
    seen = f"The loss is {found:.3f} at first, {found / expected:.2f} times that of equal logits, {expected:.3f}."
    passed = LOWEST * expected <= found <= HIGHEST * expected
    advice = (
        f"Expected {bounds}: see whether the model gives logits of size 1 (normalisation fitted, no scaling at its "
        "end, small initial weights)."
    )
    return CheckResult("initial_loss", passed, seen, "" if passed else advice)
