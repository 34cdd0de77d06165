"""Run folders of studies that never ran: scores that follow from the settings, and from the seed's subjects."""

import json
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_csv
from kerashar.search import LogUniform, Uniform, write_search_page
from kerashar.studies import Comparison, Distilling, HeadComparison, Joining, SmallSearch, Study
from kerashar.studies.comparison import one_by_one
from kerashar.studies.contender import Contender
from kerashar.studies.decision import AS_BEFORE, MACRO_F1, Decision, Evidence, decide
from kerashar.studies.head_run import HEAD_FIGURE
from kerashar.studies.objective import FIGURES, run_folder
from kerashar.studies.results import COSTS, RESULTS, result_rows
from kerashar.studies.standing import decision_path, stage_folder
from tests.search.made_up_search import make_search

STUDY = Study(
    name="walks",
    data="walks",
    start={"model": "modern_tcn", "model_settings": {"hidden": 64}, "epochs": 12, "patience": 12},
    stages=(
        Comparison(
            "model family",
            {
                "tcn": {"model": "tcn"},
                "resnet1d": {"model": "resnet1d"},
                "inception_time": {"model": "inception_time"},
                "deep_conv_lstm": {"model": "deep_conv_lstm"},
                "cnn_transformer": {"model": "cnn_transformer"},
            },
        ),
        Comparison(
            "window",
            {
                "windows of 1.28 s": {"data_settings": {"seconds": 1.28}},
                "windows of 5.12 s": {"data_settings": {"seconds": 5.12}},
            },
        ),
        *one_by_one(
            "features",
            {
                "jerk": {"features": {"jerk": True}},
                "difference of Gaussians": {"features": {"difference_of_gaussians": True}},
            },
        ),
        *one_by_one("augmentation", {"rotation": {"augmentation": {"rotation3d": 15.0}}}),
        Comparison("optimiser", {"Muon": {"optimizer": "muon"}, "half the rate": {"learning_rate": 1e-3}}),
        SmallSearch(
            "regularisation",
            {"model": {"dropout": Uniform(0.0, 0.4)}, "training": {"weight_decay": LogUniform(1e-3, 0.3)}},
            trials=9,
        ),
        Joining(members=3),
        Distilling(members=3),
    ),
)
# What a setting adds to macro F1, and by how much that differs from seed to seed.
_EFFECTS = {
    "model": {
        "tcn": -0.012,
        "resnet1d": 0.006,
        "inception_time": -0.004,
        "deep_conv_lstm": -0.05,
        "cnn_transformer": -0.03,
    },
    "data_settings": {"seconds": {1.28: -0.022, 5.12: 0.013}},
    "features": {"jerk": {True: 0.0012}, "difference_of_gaussians": {True: -0.002}},
    "augmentation": {"rotation3d": {15.0: 0.008}},
    "optimizer": {"muon": 0.0035},
    "learning_rate": {1e-3: -0.006},
    "weight_decay": {0.0121: 0.002},
    "loss": {"distillation": 0.001},
}
_PARAMETERS = {"modern_tcn": 163_400, "tcn": 114_648, "inception_time": 494_040, "deep_conv_lstm": 555_352}


def make_study(
    folder: Path,
    study: Study = STUDY,
    *,
    done: int | None = None,
    failing: Collection[str] = (),
    under_way: float = 0.0,
    backend: str = "torch",
    archive: str | None = None,
    start: dict[str, Any] | None = None,
) -> None:
    """Write what a study leaves behind.

    Args:
        folder: run folder.
        study: the plan.
        done: how many stages are decided; None for all, and the look at the test side.
        failing: names of options that fail.
        under_way: share of the next stage's runs that have ended; 0 for a stage that has not begun.
        backend: that trained.
        archive: of the data.
        start: as for `run_study`.
    """
    first = Contender({}).changed({**study.start, "data": study.data, **(start or {})})
    plan = {"study": study.to_json(), "start": first.to_json(), "backend": backend, "archive": archive}
    _write(folder / "study.json", plan)
    runs, current, decisions = folder / "runs", first, []
    count = len(study.stages) if done is None else done
    for number, stage in enumerate(study.stages[:count], start=1):
        own = stage_folder(folder, number, stage.name)
        if isinstance(stage, SmallSearch):
            make_search(own / "search", stage.trials, test=False)
            write_search_page(own / "search")
        if isinstance(stage, HeadComparison):
            decision = _decide_heads(study, stage, current, runs)
        else:
            decision = _decide(study, stage, current, _options(stage, current), failing, runs)
        _write(decision_path(folder, number, stage.name), decision.to_json())
        decisions.append(decision)
        current = decision.contender
    if under_way and count < len(study.stages):
        stage = study.stages[count]
        total = len(study.seeds) * (1 + len(_options(stage, current)))
        _make_part(stage_folder(folder, count + 1, stage.name) / "deciding", total, round(under_way * total))
    if done is None:
        _finish(study, first, current, decisions, folder)


def _options(stage: Any, current: Contender) -> dict[str, Contender]:
    if isinstance(stage, SmallSearch):
        found = {f"{group}.{name}": 0.0121 for group, domains in stage.space.items() for name in domains}
        return {f"trial 0004 of {stage.trials}": stage.found(current, found)}
    return {name: each for name, each in stage.contenders(current).items() if isinstance(each, Contender)}


def _decide(
    study: Study, stage: Any, current: Contender, options: dict[str, Contender], failing: Collection[str], runs: Path
) -> Decision:
    errors = {name: "ValueError: Expected finite weights. Received: NaN." for name in options if name in failing}
    whole = {name: each for name, each in options.items() if name not in errors}
    if isinstance(stage, Comparison) and len(whole) > stage.finalists:
        _train(current, study.screening_seed, runs)
        scores = {name: _train(each, study.screening_seed, runs)["macro_f1"] for name, each in whole.items()}
        best = sorted(scores, key=lambda name: scores[name])[-stage.finalists :]
        whole = {name: each for name, each in whole.items() if name in best}
    before = {str(seed): _train(current, seed, runs) for seed in study.seeds}
    evidence = [Evidence(AS_BEFORE, current.to_json(), _known(current, study, runs), before, "", [])]
    for name, each in options.items():
        own = {str(seed): _train(each, seed, runs) for seed in study.seeds} if name in whole else {}
        gains = [figures["macro_f1"] - before[seed]["macro_f1"] for seed, figures in own.items()]
        screened = None if name in errors else _known(each, study, runs)
        evidence.append(Evidence(name, each.to_json(), screened, own, errors.get(name, ""), gains))
    return decide(stage.name, tuple(evidence), study.least_gain)


def _decide_heads(study: Study, stage: HeadComparison, current: Contender, runs: Path) -> Decision:
    """The classifier with the narrowest classes errs least."""
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for width, heads in stage.contenders(current).items():
        figures[width] = {}
        for seed in study.seeds:
            random = np.random.default_rng(seed)
            errors = {"regressor": 0.06 + random.normal(0, 0.01)}
            errors["classifier, mean"] = errors["regressor"] - 0.02 + heads.width / 10 + random.normal(0, 0.001)
            errors["ordinal head, mean"] = errors["regressor"] + random.normal(0, 0.001)
            figures[width][str(seed)] = {HEAD_FIGURE: errors, "seconds": 100.0}
            _write(runs / f"{heads.label}-seed{seed}" / FIGURES, figures[width][str(seed)])
    return stage.decide(current, figures, {}, study.least_gain)


def _known(contender: Contender, study: Study, runs: Path) -> dict[str, Any] | None:
    path = run_folder(runs, contender, study.screening_seed) / FIGURES
    return json.loads(path.read_text()) if path.exists() else None


def _train(contender: Contender, seed: int, runs: Path) -> dict[str, Any]:
    folder = run_folder(runs, contender, seed)
    path = folder / FIGURES
    if not path.exists():
        score = _score(contender, seed)
        epochs = contender.seeded(seed).epochs
        figures = {
            "accuracy": score + 0.004,
            "macro_f1": score,
            "loss": 1.2 - score,
            "seconds": 11.0 * epochs,
            "epochs": epochs,
        }
        if contender.members == 1:
            _write(folder / "recipe.json", contender.seeded(seed).to_json())
            _write(
                folder / "run.json", {"backend": "torch", "keras": "3.15.1", "devices": 1, "data": {}, "start": None}
            )
            _write(folder / "history.csv", [])  # which only trained runs have
        else:
            figures["seconds"] *= contender.members
        _write(path, figures)
    return json.loads(path.read_text())


def _score(contender: Contender, seed: int) -> float:
    """The subjects of a seed are easier or harder for all; what is left differs from training to training."""
    people = np.random.default_rng(seed).normal(0, 0.012)
    own = np.random.default_rng([seed, zlib.crc32(contender.label.encode())]).normal(0, 0.0015)
    score = 0.93 + people + own + 0.006 * (contender.members > 1)
    for name, value in contender.recipe.items():
        effects = _EFFECTS.get(name, {})
        if isinstance(value, dict):
            score += sum(effects[key].get(each, 0.0) for key, each in value.items() if key in effects)
        else:
            score += effects.get(value, 0.0)
    return float(min(score, 0.995))


def _write(path: Path, data: Any) -> None:
    """Without the care of `write_json`, which takes its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def _make_part(folder: Path, total: int, ended: int) -> None:
    """What an unfinished part of a stage has of its search."""
    _write(folder / "search.json", {"trials": total})
    lines = []
    for number in range(1, ended + 2):
        name = f"{number:04}"
        lines.append({"event": "suggested", "trial": name, "settings": {}})
        if number <= ended:
            lines.append({"event": "completed", "trial": name, "epoch": 1})
    texts = [json.dumps({**line, "time": 1.8e9}) for line in lines]
    (folder / "journal.jsonl").write_text("".join(f"{zlib.crc32(text.encode()):08x} {text}\n" for text in texts))


def _finish(study: Study, first: Contender, last: Contender, decisions: list[Decision], folder: Path) -> None:
    runs = folder / "runs"
    finals = {"start": first, "one model": last.alone}
    finals |= {"what the study came to": last} if last != last.alone else {}
    for contender in finals.values():
        for seed in study.seeds:
            score = _train(contender, seed, runs)["macro_f1"] - 0.011
            test = {"looks": 1, "time": "2027-01-15T08:00:00+00:00", "leakage": "No leaks: no subject is on two sides."}
            figures = {"count": 640, "accuracy": score + 0.003, "macro_f1": score}
            _write(run_folder(runs, contender, seed) / "test.json", {**test, "test": figures})
    decisions = [each for each in decisions if each.figure == MACRO_F1]
    measured = [Contender.from_json(each.contender) for made in decisions for each in made.evidence if each.runs]
    for contender in (*finals.values(), *measured):
        _write(run_folder(runs, contender, study.seeds[0]) / COSTS, _costs(contender))
    write_csv(folder / RESULTS, result_rows(decisions, finals, study.seeds, runs))


def _costs(contender: Contender) -> dict[str, Any]:
    recipe = contender.seeded(0)
    parameters = contender.members * _PARAMETERS.get(recipe.model, 396_408)
    length = round(50 * recipe.data_settings.get("seconds", 2.56))
    milliseconds = round(0.4 + parameters / 2e5, 3)
    flops = parameters * length // 2
    return {
        "model": recipe.model,
        "input_shape": [length, 6],
        "parameters": parameters,
        "flops": flops,
        "milliseconds": milliseconds,
        "milliseconds_64": 20 * milliseconds,
    }
