"""What a study's page says of models: the tables, and what score costs."""

from typing import Any

from kerashar.pages.filling import percent
from kerashar.search.page.pictures import duration
from kerashar.studies.page.figures import gain_text, pair_text
from kerashar.studies.page.pictures import Cost, cost_picture, pareto
from kerashar.studies.page.study_record import StudyRecord
from kerashar.studies.page.table import Table
from kerashar.studies.results import FINAL

_NEEDS = ("input", "parameters", "FLOPs", "ms", "training")


def finals_table(record: StudyRecord) -> Table | None:
    rows = [
        [row["contender"], row["model"], *_shares(row, "test_top_1", "test_macro_f1", "macro_f1"), *_needs(row)]
        for row in record.rows
        if row["stage"] == FINAL
    ]
    heads = ("contender", "model", "test top-1", "test macro F1", "validation macro F1", *_NEEDS)
    numbers = [head for head in heads[2:] if head != "input"]
    return Table("Final models, on the test side", heads, rows, numbers=numbers) if rows else None


def measured_table(record: StudyRecord) -> Table | None:
    rows, marked = [], []
    for row in record.rows:
        if row["stage"] != FINAL:
            kept = row["kept"] == "True"
            marked += [len(rows)] * kept
            gain = gain_text((row["gain"], row["gain_deviation"]))
            names = [row["contender"], row["stage"], row["model"]]
            rows.append([*names, *_shares(row, "top_1", "macro_f1"), gain, "yes" if kept else "", *_needs(row)])
    heads = ("contender", "stage", "model", "top-1", "macro F1", "gain", "kept", *_NEEDS)
    numbers = [head for head in heads[3:] if head not in ("kept", "input")]
    caption = "All that the deciding seeds measured, on validation"
    return Table(caption, heads, rows, numbers=numbers, marked=marked) if rows else None


def _shares(row: dict[str, Any], *names: str) -> list[str]:
    return [pair_text((row[name], row[f"{name}_deviation"])) for name in names]


def _needs(row: dict[str, Any]) -> list[str]:
    """What a model takes, under `_NEEDS`."""
    return [
        row["input"],
        *("" if row[name] is None else f"{row[name]:,.0f}" for name in ("parameters", "flops")),
        "" if row["milliseconds"] is None else f"{row['milliseconds']:.2f}",
        "" if row["seconds"] is None else duration(row["seconds"]),
    ]


def costs_content(record: StudyRecord) -> dict[str, Any]:
    seed = record.seeds[0]
    first, last = (f"{each.label}-seed{seed}" for each in (record.first, record.last))
    models = {row["run"]: row for row in reversed(record.rows) if row["macro_f1"] is not None}
    costs: dict[str, list[Cost]] = {}
    for name in ("parameters", "milliseconds"):
        costs[name] = [
            Cost(run, row["contender"], row["macro_f1"], row[name]) for run, row in models.items() if row[name]
        ]
    if not all(costs.values()):
        return {"costs": [], "front": None}
    labels = {"parameters": "parameters", "milliseconds": "milliseconds for one sample"}
    pictures = [cost_picture(f"cost {name}", labels[name], costs[name], first, last) for name in costs]
    fronts = {name: [each.run for each in pareto(found)] for name, found in costs.items()}
    runs = dict.fromkeys(run for front in fronts.values() for run in front)
    rows = [
        [
            models[run]["contender"],
            models[run]["stage"],
            models[run]["model"],
            percent(models[run]["macro_f1"], 2),
            f"{models[run]['parameters']:,.0f}",
            f"{models[run]['milliseconds']:.2f}",
            " and ".join(name for name, front in fronts.items() if run in front),
        ]
        for run in sorted(runs, key=lambda run: -models[run]["macro_f1"])
    ]
    heads = ("contender", "stage", "model", "macro F1", "parameters", "ms", "on the front of")
    caption = "The fronts: no other model reaches as much for less"
    return {"costs": pictures, "front": Table(caption, heads, rows, numbers=("macro F1", "parameters", "ms"))}
