"""The command line of a study."""

import shlex
from pathlib import Path

from kerashar.studies.contender import Contender
from kerashar.studies.page.study_record import StudyRecord


def study_command(record: StudyRecord, *, is_portable: bool = False) -> str:
    """The command line that begins the study, and goes on with it."""
    study, recipe = record.study, record.first.seeded(0).settings()
    planned = Contender({}).changed({**study["start"], "data": recipe["data"]}).seeded(0).settings()
    words = ["kerashar", "study", study["name"].removesuffix("-quick")]
    words += ["--quick"] * study["name"].endswith("-quick")
    if recipe["data"] != study["data"]:
        words += ["--data", record.data if is_portable else str(recipe["data"])]
    if archive := record.plan["archive"]:
        words += ["--archive", Path(archive).name if is_portable else archive]
    words += ["--backend", record.plan["backend"]]
    if not is_portable:
        words += ["--run", str(record.folder)]
    for name, value in recipe.items():
        if value != planned[name] and name == "model_settings":
            words += [word for pair in value.items() for word in ("--set", "=".join(map(str, pair)))]
        elif value != planned[name]:
            words += ["--training", f"{name}={value}"]
    return shlex.join(words)
