"""What a study's page says, apart from how it looks: text, tables and pictures."""

from datetime import UTC, datetime
from typing import Any

from kerashar.pages.filling import percent
from kerashar.search.page.pictures import duration
from kerashar.studies.contender import Contender
from kerashar.studies.page.command import study_command
from kerashar.studies.page.figures import Figure, of_seeds, pair_text
from kerashar.studies.page.models import costs_content, finals_table, measured_table
from kerashar.studies.page.pictures import way_picture
from kerashar.studies.page.rule import environment, look_sentences, recipes_table, rule_sentences
from kerashar.studies.page.run_folders import run_folders
from kerashar.studies.page.stages import decisions_table, stage_content, way_points
from kerashar.studies.page.study_record import StudyRecord


def study_content(record: StudyRecord, *, is_portable: bool = False) -> dict[str, Any]:
    """All that is to say.

    Args:
        record: of the study.
        is_portable: whether paths of this machine are left out, for a text that goes elsewhere.
    """
    stages = [stage_content(record, number) for number in range(1, 1 + len(record.stages))]
    return {
        "title": f"{record.study['name']} on {record.data}",
        "state": _state(record),
        "is_finished": record.is_finished,
        "command": study_command(record, is_portable=is_portable),
        "cards": _cards(record),
        "facts": _facts(record),
        "decisions": decisions_table(record, stages),
        "way": way_picture(way_points(record)) if any(record.scores) else None,
        "way_points": 1 + len(record.stages),
        "stages": stages,
        "finals": finals_table(record),
        "measured": measured_table(record),
        **costs_content(record),
        "rule": rule_sentences(record),
        "looks": look_sentences(record),
        "recipes": recipes_table(record),
        "environment": environment(record),
        "runs": run_folders(record),
    }


def _state(record: StudyRecord) -> str:
    done, total = len(record.decisions), len(record.stages)
    if record.is_finished:
        return (
            f"Finished: all {total} stages are decided, and the test side was looked at." if total > 1 else "Finished."
        )
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    at = "the look at the test side" if done == total else f"stage {done + 1}, “{record.stages[done]['name']}”"
    parts = "; ".join(map(str, record.parts(done + 1))) or "not begun"
    return f"{done} of {total} stages are decided. Under way at {now}: {at} ({parts})."


def _cards(record: StudyRecord) -> list[dict[str, str]]:
    start, last = (record.test_figures(each, "macro_f1") for each in (record.first, record.last))
    cards = []
    if start and last:
        tops = [record.test_figures(each, "accuracy") for each in (record.first, record.last)]
        cards.append(_card("Macro F1 on the test", of_seeds(last), of_seeds(start)))
        cards.append(_card("Top-1 on the test", *(of_seeds(each) for each in reversed(tops))))
    elif any(record.scores):
        scores = record.scores
        cards.append(_card("Macro F1 on validation", scores[-1], scores[0]))
    kept = sum(not each.keeps_first for each in record.decisions)
    cards.append(("Stages decided", f"{len(record.decisions)} of {len(record.stages)}", f"{kept} kept something"))
    trained = sum(run.is_training for run in record.runs.values())
    searches = " and of small searches" if record.search_seconds else ""
    cards.append(("Time of training", duration(record.seconds), f"sum of {trained} finished runs{searches}"))
    return [dict(zip(("title", "value", "note"), card, strict=True)) for card in cards]


def _card(title: str, figure: Figure, start: Figure) -> tuple[str, str, str]:
    deviation = f"± {100 * figure[1]:.2f} over seeds; " if figure and figure[1] is not None else ""
    return title, percent(figure[0] if figure else None, 2), f"{deviation}start model {pair_text(start)}"


def _facts(record: StudyRecord) -> list[tuple[str, str]]:
    study = record.study
    return [
        ("Study", study["name"]),
        ("Data", record.data),
        ("Backend", record.plan["backend"]),
        ("Starts with", record.first.seeded(0).model),
        ("Has come to" if not record.is_finished else "Came to", _model(record.last)),
        ("Deciding seeds", ", ".join(map(str, record.seeds))),
        ("Screening seed", str(study["screening_seed"])),
        ("Least gain", f"{100 * record.least_gain:.2f} points of macro F1"),
    ]


def _model(contender: Contender) -> str:
    taught = f", taught by {contender.teacher.members}" if contender.teacher else ""
    return contender.seeded(0).model + (f" x {contender.members}" if contender.members > 1 else "") + taught
