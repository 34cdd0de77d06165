"""What a study's page says of its stages."""

from collections.abc import Sequence
from typing import Any

from kerashar.pages.filling import percent
from kerashar.studies.contender import Contender
from kerashar.studies.decision import Decision, Evidence
from kerashar.studies.page.changes import changes_of, changes_of_plan
from kerashar.studies.page.figures import gain_text, pair_text
from kerashar.studies.page.pictures import FIGURE_NAMES, WayPoint, stage_picture
from kerashar.studies.page.study_record import StudyRecord
from kerashar.studies.page.table import Table

_KINDS = {
    "HeadComparison": "Ways to predict a number, the data's own or else the mean brightness of each image, by mean "
    "absolute error as a share of the range: less is better.",
    "SmallSearch": "A small search on the screening seed, and its best trial compared with what was before.",
    "Joining": "Several models that answer together, compared with one.",
    "Distilling": "One model that several teach, compared with what was before.",
}
_NOTHING = "nothing in the recipe"


def decisions_table(record: StudyRecord, stages: Sequence[dict[str, Any]]) -> Table:
    rows, marked = [], set()
    for number, stage in enumerate(stages, start=1):
        tried = ", ".join(stage["tried"])
        if number <= len(record.decisions):
            decision = record.decisions[number - 1]
            if not decision.keeps_first:
                marked.add(number - 1)
            rows.append([stage["name"], tried, decision.kept, decision.reason, pair_text(record.scores[number])])
        else:
            now = number == len(record.decisions) + 1 and not record.is_finished
            told = "; ".join(map(str, stage["parts"])) or "not begun"
            rows.append([stage["name"], tried, "under way" if now else "to come", told if now else "", ""])
    caption = "Each stage in order, and the validation macro F1 of what the study had then"
    heads = ("stage", "tried", "kept", "why", "macro F1")
    return Table(caption, heads, rows, numbers=("macro F1",), texts=("tried", "why"), marked=marked)


def way_points(record: StudyRecord) -> list[WayPoint]:
    """The start, and each stage."""
    points = [WayPoint("start", "", record.scores[0])]
    for decision, score in zip(record.decisions, record.scores[1:], strict=True):
        points.append(WayPoint(decision.stage, "" if decision.keeps_first else decision.kept, score))
    return points + [WayPoint(stage["name"], "", None) for stage in record.stages[len(record.decisions) :]]


def stage_content(record: StudyRecord, number: int) -> dict[str, Any]:
    plan = record.stages[number - 1]
    folder = record.stage_folder(number)
    search = folder / "search" / "search.html"
    decision = record.decisions[number - 1] if number <= len(record.decisions) else None
    tried = [each.name for each in decision.evidence[1:]] if decision else list(plan.get("options", ()))
    return {
        "number": number,
        "name": plan["name"],
        "kind": _KINDS.get(plan["kind"], ""),
        "tried": tried,
        "decision": decision,
        "is_kept": decision is not None and not decision.keeps_first,
        "is_screened": decision is not None and _screens(decision),
        "parts": [] if decision else record.parts(number),
        "changes": _changes(plan, decision),
        "evidence": _evidence(decision, record) if decision else None,
        "picture": stage_picture(number, decision, record.seeds, record.least_gain) if decision else None,
        "search": search.relative_to(record.folder).as_posix() if search.exists() else "",
    }


def _evidence(decision: Decision, record: StudyRecord) -> Table:
    screens = _screens(decision)
    rows = []
    for each in decision.evidence:
        screened = [percent(each.screened["macro_f1"], 2) if each.screened else ""] if screens else []
        verdict = _verdict(each, decision, record.least_gain)
        rows.append([each.name, *screened, pair_text(each.of(decision.figure)), gain_text(each.gain), verdict])
    figure = FIGURE_NAMES[decision.figure]
    return Table(
        f"{decision.stage}: {figure} on validation, gains in points",
        ("contender", *(("screening",) if screens else ()), figure, "gain", "verdict"),
        rows,
        numbers=("screening", figure, "gain"),
        texts=("verdict",),
        marked=[place for place, each in enumerate(decision.evidence) if each.name == decision.kept],
    )


def _changes(plan: dict[str, Any], decision: Decision | None) -> Table | None:
    """What each option changes in the recipe; of a stage that has not decided, as far as the plan says it."""
    planned = {name: changes_of_plan(changes) for name, changes in plan.get("options", {}).items()}
    found = {}
    if decision is not None:
        before, *others = (Contender.from_json(each.contender) for each in decision.evidence)
        named = zip(decision.evidence[1:], others, strict=True)
        # An option that could not be built stands as what was before.
        found = {
            each.name: changes_of(before, other) or planned.get(each.name, "nothing in the recipe")
            for each, other in named
        }
    rows = list((found or planned).items())
    caption = f"{plan['name']}: what each option changes"
    return Table(caption, ("option", "changes"), rows, texts=("changes",)) if rows else None


def _screens(decision: Decision) -> bool:
    """Whether options were screened."""
    return any(each.screened for each in decision.evidence[1:])


def _verdict(evidence: Evidence, decision: Decision, least_gain: float) -> str:
    if evidence.error:
        return f"failed: {evidence.error}"
    if evidence.name == decision.kept:
        return "kept"
    if evidence.name == decision.evidence[0].name:
        return "beaten"
    if evidence.gain is None:
        return "screened out"
    if evidence.holds(least_gain):
        return "holds, but gains less"
    if evidence.gain[0] <= 0:
        return "no gain"
    return "below the least gain" if evidence.gain[0] < least_gain else "within its deviation"
