"""What a study's page says of how it was decided, and where."""

from pathlib import Path

from kerashar.pages.surroundings import surroundings
from kerashar.studies.page.changes import differing
from kerashar.studies.page.study_record import StudyRecord
from kerashar.studies.page.table import Table
from kerashar.studies.results import FINAL


def rule_sentences(record: StudyRecord) -> list[str]:
    seeds, screening = ", ".join(map(str, record.seeds)), record.study["screening_seed"]
    shared = {"seed", "validation_subjects"} & set(record.first.recipe.get("split_settings", {}))
    people = (
        "All seeds have the same validation subjects; they draw the weights and the order of training. A deviation "
        "over seeds says nothing of how much people differ."
        if shared
        else "Each seed draws validation subjects of its own (images, where there are no subjects), and the weights "
        "and the order of training. A deviation over seeds also says how much people differ. Gains are taken within a "
        "seed, so that this cancels out."
    )
    return [
        f"A change is kept where its gain in macro F1 on validation, paired by seed over the seeds {seeds}, is above "
        f"the deviation of that gain, and at least {100 * record.least_gain:.2f} points. Of several the highest "
        "mean gain is kept; else all stays as before.",
        people,
        f"The screening seed, {screening}, chooses what is worth deciding, and the best trial of a small search. It "
        "decides nothing: the best of many on the same subjects looks better than it is.",
        "Stages stand on each other: each is compared with what those before it kept, and not with everything.",
        "Runs are shared between stages: none is trained twice.",
    ]


def look_sentences(record: StudyRecord) -> list[str]:
    looked = {name: run.test for name, run in record.runs.items() if run.test}
    if not looked:
        return ["The test side has not been looked at, and takes no part in any decision."]
    said = []
    if record.is_finished:
        names = ", ".join(row["contender"] for row in record.rows if row["stage"] == FINAL)
        days = sorted({str(test["time"])[:10] for test in looked.values() if "time" in test})
        at = f" ({' to '.join([days[0], *days[1:][-1:]])})" if days else ""
        said.append(
            f"The test side was looked at after the last decision{at}, by {len(looked)} runs, those of: {names}."
        )
    else:
        said.append(f"So far {len(looked)} runs have looked at the test side, after the last decision.")
    more = [f"{name} {test['looks']} times" for name, test in looked.items() if test["looks"] > 1]
    said.append(f"More than one look is on record of {', '.join(more)}." if more else "Each looked once.")
    said += sorted({str(test["leakage"]) for test in looked.values() if test.get("leakage")})
    recipe = record.first.recipe
    if recipe.get("split") == "drawn" and "seed" not in recipe.get("split_settings", {}):
        said.append(
            "The split is drawn by each seed, so that the test side of one may share people with the validation side "
            "of another, and the test figures be too good. A split whose test subjects are fixed rules this out."
        )
    said.append("Which of these models to take was decided on validation: their test figures choose nothing.")
    return said


def recipes_table(record: StudyRecord) -> Table:
    came = "came to" if record.is_finished else "has come to"
    rows = [
        [name, *(Path(value).name if name == "data" else value for value in values)]
        for name, *values in differing(record.first, record.last)
    ]
    caption = "Settings of the recipe that are not at their defaults"
    return Table(
        caption,
        ("setting", "start", came),
        rows,
        marked=[place for place, row in enumerate(rows) if row[1] != row[2]],
    )


def environment(record: StudyRecord) -> list[tuple[str, str]]:
    found = {
        title: sorted({str(run.versions[name]) for run in record.runs.values() if name in run.versions})
        for name, title in {"kerashar": "kerashar", "keras": "Keras", "devices": "Devices"}.items()
    }
    backend = record.plan["backend"]
    return [
        *((title, ", ".join(values)) for title, values in found.items() if values),
        *surroundings(backend),
    ]
