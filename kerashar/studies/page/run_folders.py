"""Where the runs of a study are."""

from collections.abc import Iterable
from typing import Any

from kerashar.studies.contender import Contender
from kerashar.studies.head_run import HeadRun
from kerashar.studies.page.study_record import StudyRecord


def run_folders(record: StudyRecord) -> list[dict[str, Any]]:
    """Each contender's runs, under the first stage that has them."""
    rows, seen = [], set()
    for stage, name, contender in _contenders(record):
        runs = record.runs_of(contender)
        if runs and contender.label not in seen:
            seen.add(contender.label)
            rows.append(
                {
                    "name": name,
                    "stage": stage,
                    "label": contender.label,
                    "runs": {seed: run.folder.relative_to(record.folder).as_posix() for seed, run in runs.items()},
                }
            )
    return rows


def _contenders(record: StudyRecord) -> Iterable[tuple[str, str, Contender | HeadRun]]:
    yield "", "start", record.first
    for decision, stage in zip(record.decisions, record.stages, strict=False):
        for width in stage.get("widths", ()):
            yield (
                decision.stage,
                f"classes of {100 * width:g} %",
                HeadRun(decision.evidence[0].contender["recipe"], width),
            )
        for each in decision.evidence[1:]:
            yield decision.stage, each.name, Contender.from_json(each.contender)
