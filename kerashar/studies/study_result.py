"""What a study gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashar.studies.decision import Decision


@dataclass(frozen=True)
class StudyResult:
    """What a study gives.

    Args:
        folder: its run folder.
        decisions: of each stage.
        rows: of the table, as in `results.csv`.
        model: file of the model that the study came to.
    """

    folder: Path
    decisions: list[Decision]
    rows: list[dict[str, Any]]
    model: Path
