"""Nothing of the validation windows is in the training windows."""

import numpy as np

from kerashar.data.disjoint_split import DisjointSplit
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun


def leak_guard(run: CheckedRun) -> CheckResult:
    """No subject, recording or window is on two sides: figures would look far better than they are."""
    split = run.split
    if isinstance(split, DisjointSplit):  # it looked for copies too when it was made
        clean, seen = split.leakage_note == split.clean, split.leakage_note
    else:
        train, validation = split.train, split.validation
        group, origin = train.group, train.origin
        pairs = {
            group: (train.groups, validation.groups),
            origin: (train.origins[0], validation.origins[0]),
        }
        shared = [
            f"{len(names)} {kind}s, such as {str(names[0])!r}"
            for kind, pair in pairs.items()
            if len(names := np.intersect1d(*pair))
        ]
        clean = not shared
        seen = f"No {group} and no {origin} is on both sides." if clean else f"On both sides: {'; '.join(shared)}."
    advice = "" if clean else "Split by subject, or read the figures as those of people that the model knows."
    return CheckResult("leak_guard", clean, seen, advice)
