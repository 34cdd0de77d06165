"""The windows say something of their labels."""

import numpy as np

from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun, needs_gradients

STEPS, FEWEST = 40, 10
SHARE = 0.9  # of the loss without the input


@needs_gradients
def input_baseline(run: CheckedRun) -> CheckResult:
    """Trained for up to 40 steps the model beats itself trained on windows of zeros.

    Each window is seen once, and its loss counts before the model learns from it, so that nothing of it is learnt by
    heart. The last third of the steps is compared.
    """
    item = f"{run.train.item}s"
    steps = min(STEPS, len(run.train) // run.batch_size)
    if steps < FEWEST:
        seen = f"{len(run.train)} training {item} are too few: {FEWEST} batches of {run.batch_size} are needed."
        return CheckResult("input_baseline", None, seen)
    order = np.random.default_rng(run.recipe.seed).permutation(len(run.train))
    batches = [run.rows(rows) for rows in np.split(order[: steps * run.batch_size], steps)]
    real, blind = (_last_losses(run, [(windows * share, targets) for windows, targets in batches]) for share in (1, 0))
    seen = f"After {steps} steps the loss is {real:.3f} with the {item} and {blind:.3f} with zeros in their place."
    passed = real < SHARE * blind
    advice = (
        f"Expected less than {SHARE} of it: see whether labels belong to their windows, the normalisation fits their "
        "units, and the gradient gets through."
    )
    return CheckResult("input_baseline", passed, seen, "" if passed else advice)


def _last_losses(run: CheckedRun, batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    run.rehearsal.restart()
    losses = [run.rehearsal.step(windows, targets) for windows, targets in batches]
    return float(np.mean(losses[-len(losses) // 3 :]))
