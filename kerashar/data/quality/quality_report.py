"""What is in a data set and what is wrong with it, as a page and as data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashar.data.quality.problem import SEVERITIES, Problem, Severity
from kerashar.data.quality.table import Table
from kerashar.files import write_atomically, write_json
from kerashar.pages.picture import Picture


@dataclass(frozen=True)
class QualityReport:
    """What is in a data set and what is wrong with it, as a page to read and as data.

    Use `quality_report(name)` or `image_quality_report(images)` to make it.

    Args:
        name: of the data set; names the files.
        title: one line about it.
        facts: what is known about it, by name.
        problems: what was found, in order of weight.
        tables: the numbers.
        pictures: the same to look at.
        checks: what was looked for, also where nothing was found, in sentences.

    Example:
        >>> QualityReport("walks", "Walks", {}, (), (), (), ("A channel is silent.",)).verdict
        'Fit to train on: no problem found.'
    """

    name: str
    title: str
    facts: Mapping[str, str]
    problems: Sequence[Problem]
    tables: Sequence[Table]
    pictures: Sequence[Picture]
    checks: Sequence[str]

    @property
    def verdict(self) -> str:
        """Whether the data are fit to train on, in a sentence."""
        if errors := self._kinds("error"):
            return f"Not fit to train on yet. Fix first: {errors}."
        if warnings := self._kinds("warning"):
            return f"Fit to train on, but look at this first: {warnings}."
        if self.problems:
            return "Fit to train on. Some things are good to know."
        return "Fit to train on: no problem found."

    def counts(self) -> dict[str, int]:
        """How many problems there are of each severity."""
        found = Counter(problem.severity for problem in self.problems)
        return {severity: found[severity] for severity in SEVERITIES}

    def by_kind(self) -> dict[str, list[Problem]]:
        """The problems of each kind, the worst kinds first."""
        kinds: dict[str, list[Problem]] = {}
        for problem in self.problems:
            kinds.setdefault(problem.kind, []).append(problem)
        return kinds

    def to_json(self) -> dict[str, Any]:
        """Everything in the report as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "verdict": self.verdict,
            "counts": self.counts(),
            "facts": dict(self.facts),
            "problems": [problem.to_json() for problem in self.problems],
            "tables": {table.title: list(table.rows) for table in self.tables},
            "pictures": [
                {"title": picture.title, "alt": picture.alt, "data": picture.data} for picture in self.pictures
            ],
            "checks": list(self.checks),
        }

    def write(self, folder: Path | str) -> tuple[Path, Path]:
        """Write the page and the data into this folder, and return their paths.

        Raises:
            OSError: the folder can't be written.
        """
        from kerashar.data.quality.page import render

        report: Any = self  # the types are checked on the wheel beside the checkout, which holds this class twice
        page, data = Path(folder) / f"{self.name}_quality.html", Path(folder) / f"{self.name}_quality.json"
        write_json(data, self.to_json())
        write_atomically(page, lambda temporary: temporary.write_text(render(report), encoding="utf-8"))
        return page, data

    def _kinds(self, severity: Severity) -> str:
        counts = Counter(problem.kind for problem in self.problems if problem.severity == severity)
        return ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in counts.items())


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems by severity, kind and place."""
    return tuple(
        sorted(
            problems,
            key=lambda one: (
                SEVERITIES.index(one.severity),
                one.kind,
                one.recording or "",
                one.subject or "",
                one.sample or 0,
                one.channel or "",
            ),
        )
    )
