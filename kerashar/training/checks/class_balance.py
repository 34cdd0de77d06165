"""Every class can be learnt."""

from kerashar.training.checks.check_result import CheckResult
from kerashar.training.checks.checked_run import CheckedRun

RARE = 10  # times fewer windows than the most frequent class


def class_balance(run: CheckedRun) -> CheckResult:
    """Every class has training windows; advice where one is rare or has no validation windows."""
    counts, validation = run.train.class_counts(), run.split.validation.class_counts()
    rarest, most = min(counts, key=lambda name: counts[name]), max(counts, key=lambda name: counts[name])
    item = run.train.item
    seen = f"Of {len(run.train)} training {item}s {counts[rarest]} are {rarest} and {counts[most]} are {most}."
    missing = [name for name, count in counts.items() if not count]
    unmeasured = [name for name, count in validation.items() if not count]
    advice = ""
    if missing:
        advice = f"Add training {item}s of {', '.join(missing)}, or leave the class out."
    elif unmeasured:
        group = run.train.group
        advice = f"No validation {item} is {', '.join(unmeasured)}: choose other validation {group}s, or more of them."
    elif counts[most] > RARE * counts[rarest] and run.recipe.class_weights is None:
        advice = 'Consider class_weights="balanced", and judge by macro F1.'
    return CheckResult("class_balance", not missing, seen, advice)
