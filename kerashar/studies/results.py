"""The table that a study ends in."""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from kerashar.files import write_json
from kerashar.studies.contender import Contender
from kerashar.studies.decision import Decision
from kerashar.studies.objective import FIGURES, run_folder

COSTS = "costs.json"
FINAL = "final"
RESULTS = "results.csv"


def result_rows(
    decisions: Sequence[Decision], finals: dict[str, Contender], seeds: Sequence[int], runs: Path
) -> list[dict[str, Any]]:
    """A row for each contender whose runs looked at the test side, then for each that a stage measured.

    Args:
        decisions: of the stages that compare models.
        finals: by name those that were tested.
        seeds: that decide.
        runs: folder of all runs.
    """
    rows = [_row(FINAL, name, contender, seeds, runs) for name, contender in finals.items()]
    for decision in decisions:
        for each in decision.evidence[1:]:
            if not each.runs:
                continue
            row = _row(decision.stage, each.name, Contender.from_json(each.contender), seeds, runs)
            gain = each.gain or (None, None)
            rows.append({**row, "gain": gain[0], "gain_deviation": gain[1], "kept": each.name == decision.kept})
    return rows


def measure_costs(contender: Contender, seed: int, runs: Path) -> None:
    """Note what a contender's model costs, in its run folder; equal models are measured once."""
    from dataclasses import asdict

    from kerashar.profiling import benchmark_run

    own, shared = run_folder(runs, contender, seed) / COSTS, runs / "costs" / f"{_architecture(contender)}.json"
    if own.exists():
        return
    if not shared.exists():
        write_json(shared, asdict(benchmark_run(own.parent)))
    write_json(own, json.loads(shared.read_text(encoding="utf-8")))


def _architecture(contender: Contender) -> str:
    """A name that is the same where only the training differs."""
    names = ("model", "model_settings", "features", "features_mode", "data", "data_settings")
    kept = {name: contender.recipe[name] for name in names if name in contender.recipe}
    kept["data_settings"] = {
        name: value for name, value in contender.recipe.get("data_settings", {}).items() if name != "fraction"
    }
    return Contender(kept, contender.members).label


def _row(stage: str, name: str, contender: Contender, seeds: Sequence[int], runs: Path) -> dict[str, Any]:
    folders = [run_folder(runs, contender, seed) for seed in seeds]
    said = [_json(folder / FIGURES) for folder in folders if (folder / FIGURES).exists()]
    tests = [_json(folder / "test.json")["test"] for folder in folders if (folder / "test.json").exists()]
    costs = _json(folders[0] / COSTS) if (folders[0] / COSTS).exists() else {}
    figures: dict[str, Any] = {}
    for prefix, found in (("", said), ("test_", tests if stage == FINAL else [])):
        for figure, of in (("top_1", "accuracy"), ("macro_f1", "macro_f1")):
            values = [each[of] for each in found]
            figures[prefix + figure] = mean(values) if values else None
            figures[f"{prefix}{figure}_deviation"] = stdev(values) if len(values) > 1 else None
    return {
        "stage": stage,
        "contender": name,
        "model": contender.seeded(0).model + (f" x {contender.members}" if contender.members > 1 else ""),
        "kept": True,
        **figures,
        "gain": None,
        "gain_deviation": None,
        "seeds": len(said),
        "input": "x".join(map(str, costs.get("input_shape") or ())),
        **{name: costs.get(name) for name in ("parameters", "flops", "milliseconds", "milliseconds_64")},
        "seconds": mean(each["seconds"] for each in said) if said else None,
        "run": folders[0].name,
    }


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))
