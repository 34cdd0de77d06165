"""Where a study stands, by the files in its folder."""

import json
import re
from pathlib import Path
from typing import Any

from kerashar.studies.decision import Decision


def stage_folder(folder: Path, number: int, name: str) -> Path:
    """Where a stage's searches and its decision are."""
    return folder / f"{number:02d}-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}"


def decision_path(folder: Path, number: int, name: str) -> Path:
    """The file that says what a stage decided; a stage that has none is not done."""
    return stage_folder(folder, number, name) / "decision.json"


def read_plan(folder: Path) -> dict[str, Any]:
    """What `study.json` says; ValueError where there is none."""
    path = folder / "study.json"
    if not path.exists():
        raise ValueError(f"Expected the run folder of a study. Received: {folder}, which has no study.json.")
    return json.loads(path.read_text(encoding="utf-8"))


def read_decisions(folder: Path) -> list[Decision]:
    """The decisions so far, in order."""
    decisions = []
    for number, stage in enumerate(read_plan(folder)["study"]["stages"], start=1):
        path = decision_path(folder, number, stage["name"])
        if not path.exists():
            break
        decisions.append(Decision.from_json(json.loads(path.read_text(encoding="utf-8"))))
    return decisions
