"""One thing that is wrong, or may be, with a data set."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from kerashar.data.recording import Recording

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or may be, with a data set, where it is and what to do about it.

    Use it as what `check_signal` and a `QualityReport` give. An "error" makes results wrong, a "warning" may, and a
    "note" is good to know.

    Args:
        severity: "error", "warning" or "note".
        kind: the sort of problem, in a word or two; the same for all problems that one check finds.
        text: what was found and how much of it.
        advice: what to do.
        recording: where, if it is in one recording or image.
        subject: whose, if it is one subject's.
        channel: which channel or sensor, if not all.
        sample: the first sample concerned, counted from 0.
        seconds: the same on the recording's clock (s).

    Example:
        >>> Problem("note", "imbalance", "Walking has half of all windows.", "Report the macro F1.").severity
        'note'
    """

    severity: Severity
    kind: str
    text: str
    advice: str
    recording: str | None = None
    subject: str | None = None
    channel: str | None = None
    sample: int | None = None
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def counted(count: int, noun: str) -> str:
    """A count with its noun in singular or plural.

    Example:
        >>> counted(1, "spike"), counted(2, "spike")
        ('1 spike', '2 spikes')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def advice_on(problems: Iterable[Problem]) -> str:
    """What to do about these problems, each piece of advice once.

    Example:
        >>> advice_on([Problem("note", "imbalance", "Walking has half of all windows.", "Report the macro F1.")] * 2)
        'Report the macro F1.'
    """
    return " ".join(dict.fromkeys(problem.advice for problem in problems))


def found_in(
    recording: Recording,
    severity: Severity,
    kind: str,
    text: str,
    advice: str,
    *,
    channel: str | None = None,
    sample: int | None = None,
) -> Problem:
    """A problem in this recording."""
    return Problem(
        severity,
        kind,
        text,
        advice,
        recording=recording.recording_id,
        subject=recording.subject,
        channel=channel,
        sample=None if sample is None else int(sample),
        seconds=None if sample is None else round(int(sample) / recording.rate, 3),
    )
