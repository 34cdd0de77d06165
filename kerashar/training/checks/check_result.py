"""What a check before a run gives."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class CheckResult:
    """Whether a check passed, what it saw, and what to do.

    Args:
        name: of the check, such as `"initial_loss"`.
        passed: None where the check doesn't apply.
        seen: one sentence with the numbers.
        advice: what to do; empty where nothing is to be done. A check that passed may give advice too.

    Example:
        >>> CheckResult("initial_loss", True, "The loss is 1.8, that of equal logits 1.79.").verdict
        'passed'
    """

    name: str
    passed: bool | None
    seen: str
    advice: str = ""

    @property
    def verdict(self) -> str:
        """The result in a word or two."""
        if self.passed is None:
            return "does not apply"
        if not self.passed:
            return "FAILED"
        return "advice" if self.advice else "passed"

    def to_json(self) -> dict[str, Any]:
        """The result as plain data for a JSON file."""
        return asdict(self)
