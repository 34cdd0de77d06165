"""A whole search of a model's settings, from the space to the figures on the test subjects."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from kerashar.choose_backend import check_backend, choose_backend
from kerashar.data.disjoint_split import DisjointSplit
from kerashar.files import write_json
from kerashar.names import unknown_name
from kerashar.search.domains import Space, check_space, count_settings, flatten
from kerashar.search.engine import LOGS, OUT_OF_MEMORY, POPULATIONS, SCHEDULERS, Resources, run_trials, start_ray
from kerashar.search.history import FAILED, History
from kerashar.search.journal import Journal, stored_trial, trial_folder
from kerashar.search.leaderboard import leaderboard, write_leaderboard
from kerashar.search.objectives import check_objectives, objective_values, pareto_front
from kerashar.search.result import SearchResult
from kerashar.search.settings import SearchSettings, flat_values
from kerashar.training.metrics import Metrics
from kerashar.training.sides import Sides

OBJECTIVE = "kerashar.search.training_objective"
ASKED = 0.5  # seconds, for which a page that is written may ask by the lock whether the search runs


def run_search(
    model: str | Sequence[str],
    split: DisjointSplit,
    *,
    space: Space,
    trials: int,
    folder: Path | str,
    backends: Sequence[str] = ("torch",),
    scheduler: str = "asha",
    searcher: str = "tpe",
    objectives: Sequence[str] = ("score",),
    warm_start: Sequence[Path | str] = (),
    resources: Resources | None = None,
    out_of_memory: str = "smaller",
    storage: str | None = None,
    logs: Sequence[str] = (),
    seed: int = 0,
    grace_period: int | None = None,
    reduction_factor: int = 3,
    data: dict[str, Any] | None = None,
    test: bool = True,
    console: Console | None = None,
) -> SearchResult:
    """Search the settings of a model, or of several, on Ray Tune, and test the best trial's model once.

    Use it from Python; `kerashar search` does so from the command line. Each trial runs in a process of its
    own. Trials are compared by macro F1 on the validation subjects; no trial sees the test subjects.

    Args:
        model: name of a registered model, or several: then the space is that of `search_space([...])`.
        split: windows by subject; they go to each node once.
        space: domains and constants, such as `kerashar.search_spaces.search_space(model)`.
        trials: how many in all.
        folder: run folder, new or empty. It gets `search.json`, `journal.jsonl`, `leaderboard.csv`,
            `best_model.keras`, `test.json`, `search.png`, `search.html`, and a folder for each trial; of several
            objectives also `front.csv`.
        backends: backends to choose among; several make the backend a dimension of the search.
        scheduler: which trials end early: `"asha"`, `"hyperband"` or `"median_stopping"`; `"pbt"` and `"pb2"` train all
            side by side, and the weakest take over the weights of the strongest; `"none"`.
        searcher: how settings are drawn: `"tpe"`, `"gaussian_process"`, `"nsga2"`, `"random"`, or `"grid"`: each once.
        objectives: `"score"`, and what should be small besides: `"parameters"`, `"latency_ms"` of one window.
        warm_start: run folders of earlier searches, whose trials teach the searcher where they lie in this space.
        resources: where it runs and what a trial occupies; None takes one core for each trial, here.
        out_of_memory: what becomes of a trial that runs out of memory: `"smaller"` halves its batch and takes the mean
            gradient of twice as many, `"record"` counts it as failed.
        storage: where trials are kept besides, after each epoch, as `"s3://bucket/mine"`, `"gs://bucket/mine"` or a
            path: for clusters whose nodes don't share the run folder. Not with a population.
        logs: `"tensorboard"` writes settings, figures and learning curves of ended trials to `tensorboard` in the run
            folder, for its HParams.
        seed: of the draws, and of each trial.
        grace_period: epochs that every trial gets, and between take-overs; None takes a ninth of all, at least 1.
        reduction_factor: one in so many trials passes a rung.
        data: a note of where the windows came from, kept in `search.json`.
        test: whether the best trial's model is made and tested at the end; not where the search is a step of more.
        console: where progress is shown; None shows none.

    Raises:
        ValueError: unknown names or settings, a run folder that isn't empty, more trials than the space has settings,
            an open cluster, or all trials failed.
        RuntimeError: fewer trials ran than were asked for.
        OSError: the run folder can't be written.
    """
    folder = Path(folder)
    if trials < 1:
        raise ValueError(f"Expected at least 1 trial. Received: trials={trials}.")
    if not backends:
        raise ValueError("Expected at least one backend. Received: none.")
    for backend in backends:
        check_backend(backend)
    os.environ.setdefault("KERAS_BACKEND", backends[0])
    models = model if isinstance(model, str) else tuple(model)
    check_space(space, models)
    epochs = flatten(space).get("training.epochs")
    if not isinstance(epochs, int):
        raise ValueError(f"Expected training.epochs in the search space, as a number. Received: {epochs!r}.")
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"Expected a new or empty run folder. Received: {folder}. Resume it, or choose another.")
    grace_period = max(1, epochs // 9) if grace_period is None else grace_period
    if not 1 <= grace_period <= epochs:
        raise ValueError(
            f"Expected a grace_period from 1 to the {epochs} epochs. Received: grace_period={grace_period}."
        )
    if reduction_factor < 2:
        raise ValueError(f"Expected a reduction_factor of at least 2. Received: {reduction_factor}.")
    for name, chosen, known in (
        ("scheduler", scheduler, SCHEDULERS),
        ("out_of_memory", out_of_memory, OUT_OF_MEMORY),
        *(("log of a search", log, LOGS) for log in logs),
    ):
        if chosen not in known:
            raise unknown_name(name, chosen, known)
    check_objectives(objectives)
    if storage and scheduler in POPULATIONS:
        raise ValueError(
            f"Expected a run folder that all nodes share, without storage, for a population. Received: {storage!r}."
        )
    settings = SearchSettings(
        model=models,
        space={**space, "training": {"seed": seed, **space.get("training", {})}},
        trials=trials,
        backends=tuple(backends),
        seed=seed,
        grace_period=grace_period,
        reduction_factor=reduction_factor,
        data=data,
        fingerprint=_fingerprint(split),
        scheduler=scheduler,
        searcher=searcher,
        objectives=tuple(objectives),
        warm_start=tuple(_earlier_trials([Path(each) for each in warm_start], objectives)),
        out_of_memory=out_of_memory,
        storage=storage,
        logs=tuple(dict.fromkeys(logs)),
    )
    _check_draws(settings)
    write_json(folder / "search.json", settings.to_json())
    return _search(settings, split, folder, resources, console, test)


def resume_search(
    folder: Path | str,
    split: DisjointSplit,
    *,
    resources: Resources | None = None,
    test: bool = True,
    console: Console | None = None,
) -> SearchResult:
    """Carry on an interrupted search: finished trials stay, unfinished ones go on from their checkpoints.

    Args:
        folder: run folder of the search.
        split: the same windows as before.
        resources: as for `run_search`; they may be others than before.
        test: as for `run_search`.
        console: as for `run_search`.

    Raises:
        ValueError: no search in the folder, other windows than before, or a search that is under way.
    """
    settings = read_settings(folder)
    if _fingerprint(split) != settings.fingerprint:
        raise ValueError(f"Expected the windows that the search in {folder} began with. Received: other windows.")
    return _search(settings, split, Path(folder), resources, console, test)


def read_settings(folder: Path | str) -> SearchSettings:
    """The settings of the search in a run folder; ValueError where there is none."""
    path = Path(folder) / "search.json"
    if not path.exists():
        raise ValueError(f"Expected the run folder of a search. Received: {folder}, which has no search.json.")
    return SearchSettings.from_json(json.loads(path.read_text(encoding="utf-8")))


def _check_draws(settings: SearchSettings) -> None:
    """Refuse a searcher that can't draw from the space, or not so often."""
    from kerashar.search.samplers import check_searcher

    values = flat_values(settings)
    check_searcher(settings.searcher, values)
    different = count_settings(values)
    if different < settings.trials:
        raise ValueError(
            f"Expected no more trials than the space has settings. Received: {settings.trials} trials of "
            f"{different:.0f} settings; a trial with the same settings and seed would only say the same again."
        )


def _earlier_trials(folders: Sequence[Path], objectives: Sequence[str]) -> list[dict[str, Any]]:
    """Settings and values of the trials of earlier searches."""
    found = []
    for folder in folders:
        read_settings(folder)  # refuses what is no search
        for trial in History(Journal(folder / "journal.jsonl")).trials.values():
            values = objective_values(trial, objectives)
            if values is not None and trial.status != FAILED:
                found.append({"settings": trial.drawn, "values": values})
    return found


def _search(
    settings: SearchSettings,
    split: DisjointSplit,
    folder: Path,
    resources: Resources | None,
    console: Console | None,
    test: bool,
) -> SearchResult:
    from kerashar.search.page.live_page import LivePage

    folder = folder.resolve()
    model = settings.model if isinstance(settings.model, str) else list(settings.model)
    try:
        with LivePage(folder) as page, FileLock(folder / "lock", timeout=ASKED):
            page.begin()
            history = run_trials(
                settings,
                folder,
                OBJECTIVE,
                Sides(split.train, split.validation),
                resources,
                console,
                {"model": model, "objectives": list(settings.objectives)},
            )
            page.end()  # the next one is written here, and none may come after it
            return _finish(settings, split, folder, history, resources or Resources(), test)
    except Timeout:
        raise ValueError(f"Expected a run folder of one search only. Received: {folder}, in use by another.") from None


def _finish(
    settings: SearchSettings,
    split: DisjointSplit,
    folder: Path,
    history: History,
    resources: Resources,
    test: bool,
) -> SearchResult:
    from kerashar.search.page import write_search_page
    from kerashar.search.picture import draw_search

    trials = list(history.trials.values())
    best = leaderboard(trials)
    if not best:
        errors = {(trial.error or "").strip().splitlines()[-1] for trial in trials if trial.error}
        raise ValueError(
            f"Expected at least one trial with a score. Received: {len(trials)} failed: {'; '.join(errors)}"
        )
    write_leaderboard(folder / "leaderboard.csv", best)
    front = pareto_front(best, settings.objectives)
    if len(settings.objectives) > 1 and front:
        write_leaderboard(folder / "front.csv", front)
    draw_search(trials, folder / "search.png")
    if test and not (folder / "test.json").exists():
        import ray

        start_ray(resources.address, resources.allow_open_cluster)
        # A process of its own, because the best trial's backend may not be the driver's.
        tested = ray.remote(num_cpus=1, max_calls=1)(_test_best)
        ray.get(tested.remote(str(folder), best[0].trial, best[0].settings["backend"], split, settings.storage))
    write_search_page(folder)
    figures = json.loads((folder / "test.json").read_text(encoding="utf-8"))["test"] if test else None
    return SearchResult(folder, best, trials, None if figures is None else Metrics(**figures), front)


def _test_best(folder: str, trial: str, backend: str, split: DisjointSplit, storage: str | None) -> None:
    choose_backend(backend)
    from kerashar.models import save_model
    from kerashar.search.cluster.storage import pull
    from kerashar.training import best_model, look_at_test

    own_folder = trial_folder(Path(folder), trial)
    if storage:
        pull(stored_trial(storage, trial), own_folder)
    model = best_model(own_folder, split)
    save_model(model, Path(folder) / "best_model.keras")
    look_at_test(folder, model, split.test, trial=trial, backend=backend, leakage=split.leakage_note)


def _fingerprint(split: DisjointSplit) -> str:
    return "-".join(side.fingerprint()[:16] for side in (split.train, split.validation, split.test))
