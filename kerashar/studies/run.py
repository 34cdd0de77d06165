"""A whole study, from its plan to the table."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from kerashar.choose_backend import check_backend
from kerashar.files import write_atomically, write_csv, write_json
from kerashar.search.domains import check_space
from kerashar.search.engine import Resources, start_ray
from kerashar.studies.bench import Bench
from kerashar.studies.comparison import Comparison
from kerashar.studies.contender import Contender
from kerashar.studies.decision import AS_BEFORE, MACRO_F1, Decision, Evidence, decide
from kerashar.studies.distilling import Distilling
from kerashar.studies.head_comparison import HeadComparison
from kerashar.studies.joining import Joining
from kerashar.studies.objective import run_folder
from kerashar.studies.page import write_study_page
from kerashar.studies.results import RESULTS, measure_costs, result_rows
from kerashar.studies.small_search import SmallSearch
from kerashar.studies.standing import decision_path, read_decisions, stage_folder
from kerashar.studies.study import Stage, Study
from kerashar.studies.study_result import StudyResult


def run_study(
    study: Study,
    folder: Path | str,
    *,
    data: str | None = None,
    start: dict[str, Any] | None = None,
    archive: Path | str | None = None,
    cache: Path | str | None = None,
    backend: str = "torch",
    resources: Resources | None = None,
    console: Console | None = None,
) -> StudyResult:
    """Run a study, or go on with it: stage by stage, then the table, with the test side looked at last.

    Use it from Python; `kerashar study` does so from the command line. A stage keeps a change only where its gain in
    macro F1 on validation subjects, paired by seed, is above its deviation. All stages share their runs, so that none
    is trained twice; what was killed goes on from its last checkpoint.

    Args:
        study: the plan, such as `kerashar.search_spaces.study("har")`.
        folder: run folder, new or that of the same study. It gets `study.json`, a folder for each stage with its
            `decision.json`, `runs/`, `study.html`, `results.csv` and `best_model.keras`.
        data: name of the data set; of images a folder, zip or decoded file. None takes the plan's.
        start: settings of the recipe besides those that the plan starts with, such as `{"split": "drawn"}`.
        archive: as for `recipe_split`.
        cache: as for `recipe_split`.
        backend: that trains.
        resources: where it runs and what a run occupies; None takes one core for each run, here.
        console: where progress is shown; None shows none.

    Raises:
        ValueError: another study in the folder, data that the plan can't take, or a start that fails to train.
        OSError: the folder can't be written, or the data are missing.
    """
    check_backend(backend)
    os.environ.setdefault("KERAS_BACKEND", backend)
    folder, console = Path(folder).resolve(), console or Console(quiet=True)
    first = Contender({}).changed({**study.start, "data": data or study.data, **(start or {})})
    plan = {"study": study.to_json(), "start": first.to_json(), "backend": backend, "archive": _whole(archive)}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            _check_same(folder, plan)
            bench = Bench(folder / "runs", backend, _whole(archive), _whole(cache), resources, console)
            return _run(study, first, folder, bench, console)
    except Timeout:
        raise ValueError(f"Expected a run folder of one study only. Received: {folder}, in use by another.") from None


def _whole(path: Path | str | None) -> str | None:
    return None if path is None else str(Path(path).resolve())


def _check_same(folder: Path, plan: dict[str, Any]) -> None:
    path = folder / "study.json"
    if not path.exists():
        if others := [each.name for each in folder.iterdir() if each.name != "lock"]:
            raise ValueError(f"Expected a new or empty run folder. Received: {folder}, with {', '.join(others[:5])}.")
        write_json(path, plan)
    before = json.loads(path.read_text(encoding="utf-8"))
    if changed := [name for name in plan if before.get(name) != json.loads(json.dumps(plan[name]))]:
        raise ValueError(
            f"Expected the study that {folder} holds. Received: another {' and '.join(changed)}, as where the plan has "
            "changed since. Choose another folder."
        )


def _run(study: Study, first: Contender, folder: Path, bench: Bench, console: Console) -> StudyResult:
    current, decisions = first, read_decisions(folder)
    if not (folder / RESULTS).exists():  # ahead of the data, whose reading starts JAX: it doesn't like to be forked
        where = bench.resources or Resources()
        start_ray(where.address, where.allow_open_cluster)
    for number, stage in enumerate(study.stages, start=1):
        if number > len(decisions):
            console.print(f"stage {number} of {len(study.stages)}: {stage.name}", soft_wrap=True, markup=False)
            decided = _decide(study, stage, current, stage_folder(folder, number, stage.name), bench)
            write_json(decision_path(folder, number, stage.name), decided.to_json())
            decisions.append(decided)
            console.print(f"{stage.name}: {decided.kept}. {decided.reason}", soft_wrap=True, markup=False)
            write_study_page(folder)
        current = decisions[-1].contender
    return _finish(study, first, current, decisions, folder, bench)


def _decide(study: Study, stage: Stage, current: Contender, folder: Path, bench: Bench) -> Decision:
    """Measure a stage's contenders, and decide."""
    if isinstance(stage, HeadComparison):
        return _decide_heads(study, stage, current, folder, bench)
    if isinstance(stage, SmallSearch):
        offered = _searched(study, stage, current, folder / "search", bench)
    else:
        offered = stage.contenders(current)
    options = {name: each for name, each in offered.items() if isinstance(each, Contender)}
    errors = {name: str(each) for name, each in offered.items() if name not in options} | _refused(options, bench)
    finalists = {name: each for name, each in options.items() if name not in errors}
    if isinstance(stage, Comparison) and len(finalists) > stage.finalists:
        everyone = {AS_BEFORE: current, **finalists}
        errors |= bench.measure(folder / "screening", everyone, [study.screening_seed])
        finalists = _best(finalists, study.screening_seed, bench, stage.finalists)
    errors |= bench.measure(folder / "deciding", {AS_BEFORE: current, **finalists}, study.seeds)
    if AS_BEFORE in errors:
        raise ValueError(
            f"Expected what the study has come to to train on in stage {stage.name!r}. Received: {errors[AS_BEFORE]} "
            f"The log is in {folder}; without that folder the stage begins anew."
        )
    before = _evidence(study, AS_BEFORE, current, current, {}, bench)
    # Of an option that can't be there is nothing but its error.
    found = [_evidence(study, name, options.get(name, current), current, errors, bench) for name in offered]
    return decide(stage.name, (before, *found), study.least_gain)


def _decide_heads(study: Study, stage: HeadComparison, current: Contender, folder: Path, bench: Bench) -> Decision:
    runs = stage.contenders(current)
    errors = bench.measure(folder / "deciding", runs, study.seeds)
    found = {
        width: {str(seed): bench.figures(run, seed) or {} for seed in study.seeds}
        for width, run in runs.items()
        if width not in errors
    }
    return stage.decide(current, found, errors, study.least_gain)


def _searched(
    study: Study, stage: SmallSearch, current: Contender, folder: Path, bench: Bench
) -> dict[str, Contender | ValueError]:
    """The best trial of a search on the screening seed's subjects; why there is none, where the model can't search."""
    from kerashar.search.run import resume_search, run_search
    from kerashar.training.recipe_data import recipe_split

    recipe = current.seeded(study.screening_seed)
    split = recipe_split(recipe, archive=bench.archive, cache=bench.cache)
    shared = {"resources": bench.resources, "console": bench.console, "test": False}
    space = stage.whole_space(current)
    try:
        check_space(space, recipe.model)
    except ValueError as error:
        return {"search": error}
    if (folder / "search.json").exists():
        result = resume_search(folder, split, **shared)
    else:
        result = run_search(
            recipe.model,
            split,
            space=space,
            trials=stage.trials,
            folder=folder,
            backends=(bench.backend,),
            scheduler=stage.scheduler,
            searcher=stage.searcher,
            seed=study.screening_seed,
            **shared,
        )
    best = result.leaderboard[0]
    return {f"trial {best.trial} of {stage.trials}": stage.found(current, best.settings)}


def _refused(options: dict[str, Contender], bench: Bench) -> dict[str, str]:
    """By name why an option can't be, seen ahead of hours of training. Its data are read once on the way."""
    from kerashar.training.recipe_data import recipe_split

    errors, seen = {}, []
    for name, contender in options.items():
        recipe = contender.seeded(0)
        source = [recipe.data, {**recipe.data_settings, "fraction": None}, recipe.split, recipe.split_settings]
        try:
            recipe.check()
            if source not in seen:
                recipe_split(recipe, archive=bench.archive, cache=bench.cache)
                seen.append(source)
        except ValueError as error:
            errors[name] = str(error)
    return errors


def _best(options: dict[str, Contender], seed: int, bench: Bench, count: int) -> dict[str, Contender]:
    """The options with the highest macro F1 of this seed."""
    known = {name: figures for name, each in options.items() if (figures := bench.figures(each, seed)) is not None}
    names = sorted(known, key=lambda name: known[name]["macro_f1"], reverse=True)[:count]
    return {name: options[name] for name in options if name in names}


def _evidence(
    study: Study, name: str, contender: Contender, before: Contender, errors: dict[str, str], bench: Bench
) -> Evidence:
    known = {str(seed): bench.figures(contender, seed) for seed in study.seeds}
    runs = {seed: figures for seed, figures in known.items() if figures is not None}
    whole = len(runs) == len(study.seeds) and name not in errors
    gains = []
    if whole and name != AS_BEFORE:
        each = [(runs[str(seed)], bench.figures(before, seed)) for seed in study.seeds]
        gains = [own["macro_f1"] - others["macro_f1"] for own, others in each if others is not None]
    screened = None if name in errors else bench.figures(contender, study.screening_seed)
    return Evidence(name, contender.to_json(), screened, runs if whole else {}, errors.get(name, ""), gains)


def _finish(
    study: Study, first: Contender, last: Contender, decisions: list[Decision], folder: Path, bench: Bench
) -> StudyResult:
    """Look at the test side, measure what the models cost, and write the table."""
    named = [("what the study came to", last), ("start", first), ("one model", last.alone)]
    for decision, stage in zip(decisions, study.stages, strict=True):
        if isinstance(stage, Joining | Distilling):
            named += [(each.name, Contender.from_json(each.contender)) for each in decision.evidence[1:] if each.runs]
    finals: dict[str, Contender] = {}
    for name, contender in named:
        if contender not in finals.values():
            finals[name] = contender
    if errors := bench.measure(folder / "test", finals, study.seeds, test=True):
        raise ValueError(f"Expected to test the finished models. Received: {errors}. The log is in {folder / 'test'}.")
    of_models = [decision for decision in decisions if decision.figure == MACRO_F1]
    measured = [
        Contender.from_json(each.contender) for decision in of_models for each in decision.evidence if each.runs
    ]
    for contender in (*finals.values(), *measured):
        measure_costs(contender, study.seeds[0], bench.runs)
    rows = result_rows(of_models, finals, study.seeds, bench.runs)
    model = folder / "best_model.keras"
    source = run_folder(bench.runs, last, study.seeds[0]) / "model.keras"
    write_atomically(model, lambda temporary: shutil.copyfile(source, temporary))
    write_csv(folder / RESULTS, rows)
    write_study_page(folder)
    return StudyResult(folder, decisions, rows, model)
