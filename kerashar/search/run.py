"""A whole search: Ray Tune runs the trials, the journal remembers them."""

import json
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from kerashar.choose_backend import check_backend, choose_backend
from kerashar.data import SubjectSplit
from kerashar.files import write_json
from kerashar.search.domains import Space, check_space, flatten
from kerashar.search.history import RUNNING, read_trials
from kerashar.search.journal import Journal
from kerashar.search.leaderboard import leaderboard, write_leaderboard
from kerashar.search.result import SearchResult
from kerashar.search.settings import SearchSettings
from kerashar.search.trial import run_trial
from kerashar.training.metrics import Metrics
from kerashar.training.sides import Sides


def run_search(
    model: str,
    split: SubjectSplit,
    *,
    space: Space,
    trials: int,
    folder: Path | str,
    backends: Sequence[str] = ("torch",),
    concurrent: int | None = None,
    gpus_per_trial: float = 0.0,
    seed: int = 0,
    grace_period: int | None = None,
    reduction_factor: int = 3,
    data: dict[str, Any] | None = None,
    console: Console | None = None,
) -> SearchResult:
    """Search a model's settings with ASHA and TPE on Ray Tune, and test the best trial's model once.

    Use it from Python; `kerashar search` does so from the command line. Each trial runs in a process of its
    own. Trials are compared by macro F1 on the validation subjects; no trial sees the test subjects.

    Args:
        model: name of a registered model.
        split: windows by subject; they go to Ray's object store once.
        space: domains and constants, such as `kerashar.search_spaces.search_space(model)`.
        trials: how many in all.
        folder: run folder, new or empty. It gets `search.json`, `journal.jsonl`, `leaderboard.csv`,
            `best_model.keras`, `test.json`, `search.png`, and a folder for each trial.
        backends: backends to choose among; several make the backend a dimension of the search.
        concurrent: trials at a time; None takes one for each core.
        gpus_per_trial: GPUs that a trial occupies; fractions share one.
        seed: of the draws, and of each trial.
        grace_period: epochs that every trial gets; None takes a ninth of all, at least 1.
        reduction_factor: one in so many trials passes a rung.
        data: a note of where the windows came from, kept in `search.json`.
        console: where progress is shown; None shows none.

    Raises:
        ValueError: unknown model, setting or backend; a run folder that isn't empty; all trials failed.
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
    check_space(space, model)
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
    settings = SearchSettings(
        model=model,
        space={**space, "training": {"seed": seed, **space.get("training", {})}},
        trials=trials,
        backends=tuple(backends),
        seed=seed,
        grace_period=grace_period,
        reduction_factor=reduction_factor,
        data=data,
        fingerprint=_fingerprint(split),
    )
    write_json(folder / "search.json", settings.to_json())
    return _search(settings, split, folder, concurrent, gpus_per_trial, console)


def resume_search(
    folder: Path | str,
    split: SubjectSplit,
    *,
    concurrent: int | None = None,
    gpus_per_trial: float = 0.0,
    console: Console | None = None,
) -> SearchResult:
    """Carry on an interrupted search: finished trials stay, unfinished ones go on from their checkpoints.

    Args:
        folder: run folder of the search.
        split: the same windows as before.
        concurrent: as for `run_search`.
        gpus_per_trial: as for `run_search`.
        console: as for `run_search`.

    Raises:
        ValueError: no search in the folder, or other windows than before.
    """
    settings = read_settings(folder)
    if _fingerprint(split) != settings.fingerprint:
        raise ValueError(f"Expected the windows that the search in {folder} began with. Received: other windows.")
    return _search(settings, split, Path(folder), concurrent, gpus_per_trial, console)


def read_settings(folder: Path | str) -> SearchSettings:
    """The settings of the search in a run folder; ValueError where there is none."""
    path = Path(folder) / "search.json"
    if not path.exists():
        raise ValueError(f"Expected the run folder of a search. Received: {folder}, which has no search.json.")
    return SearchSettings.from_json(json.loads(path.read_text(encoding="utf-8")))


def _search(
    settings: SearchSettings,
    split: SubjectSplit,
    folder: Path,
    concurrent: int | None,
    gpus_per_trial: float,
    console: Console | None,
) -> SearchResult:
    folder = folder.resolve()
    try:
        with FileLock(folder / "lock", timeout=0):
            _run_trials(settings, split, folder, concurrent, gpus_per_trial, console or Console(quiet=True))
            return _finish(settings, split, folder)
    except Timeout:
        raise ValueError(f"Expected a run folder of one search only. Received: {folder}, in use by another.") from None


def _run_trials(
    settings: SearchSettings,
    split: SubjectSplit,
    folder: Path,
    concurrent: int | None,
    gpus_per_trial: float,
    console: Console,
) -> None:
    import ray
    from ray import tune

    from kerashar.search.progress import Progress
    from kerashar.search.recorder import Recorder
    from kerashar.search.schedulers import JournaledASHA
    from kerashar.search.searcher import JournaledSearch

    journal = Journal(folder / "journal.jsonl")
    epochs = flatten(settings.space)["training.epochs"]
    scheduler = JournaledASHA(journal, epochs, settings.grace_period, settings.reduction_factor)
    past = scheduler.replay()
    start_ray()
    concurrent = concurrent or max(1, int(ray.cluster_resources().get("CPU", 1)))
    searcher = JournaledSearch(
        journal, settings.space, settings.backends, settings.trials, concurrent, settings.seed, past
    )
    if searcher.is_finished():
        return
    trainable = tune.with_parameters(
        run_trial, sides=Sides(split.train, split.validation), model=settings.model, folder=str(folder)
    )
    progress = Progress(journal, settings.trials, console)
    # Ray's own files are of no use after the search: the journal has it all.
    with tempfile.TemporaryDirectory(prefix="kerashar-") as scratch, progress:
        tuner = tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1, "gpu": gpus_per_trial}),
            tune_config=tune.TuneConfig(search_alg=searcher, scheduler=scheduler, num_samples=searcher.total_samples),
            run_config=tune.RunConfig(
                name="search",
                storage_path=scratch,
                verbose=0,
                callbacks=[Recorder(journal), progress],
                failure_config=tune.FailureConfig(max_failures=2),  # of processes that die
            ),
        )
        tuner.fit()
    ended = [trial for trial in read_trials(journal.read()).values() if trial.status != RUNNING]
    if len(ended) < settings.trials:
        raise KeyboardInterrupt(f"{len(ended)} of {settings.trials} trials have ended; resume the search.")


def start_ray() -> None:
    """Start Ray on this machine alone, on the loopback interface, unless it runs already."""
    import ray

    os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"  # the new one prints a box even at verbosity 0
    # Otherwise a trial that fails before its first report ends the whole search.
    os.environ.setdefault("TUNE_DISABLE_STRICT_METRIC_CHECKING", "1")
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray.init(
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        _node_ip_address="127.0.0.1",
    )


def _finish(settings: SearchSettings, split: SubjectSplit, folder: Path) -> SearchResult:
    from kerashar.search.picture import draw_search

    trials = list(read_trials(Journal(folder / "journal.jsonl").read()).values())
    best = leaderboard(trials)
    if not best:
        errors = {(trial.error or "").strip().splitlines()[-1] for trial in trials if trial.error}
        raise ValueError(
            f"Expected at least one trial with a score. Received: {len(trials)} failed: {'; '.join(errors)}"
        )
    write_leaderboard(folder / "leaderboard.csv", best)
    draw_search(trials, folder / "search.png")
    if not (folder / "test.json").exists():
        import ray

        # A process of its own, because the best trial's backend may not be the driver's.
        test = ray.remote(num_cpus=1, max_calls=1)(_test_best)
        ray.get(test.remote(str(folder), best[0].trial, best[0].settings["backend"], split))
    figures = json.loads((folder / "test.json").read_text(encoding="utf-8"))["test"]
    return SearchResult(folder, best, trials, Metrics(**figures))


def _test_best(folder: str, trial: str, backend: str, split: SubjectSplit) -> None:
    choose_backend(backend)
    from kerashar.models import save_model
    from kerashar.training import best_model, look_at_test

    model = best_model(Path(folder) / "trials" / trial, split)
    save_model(model, Path(folder) / "best_model.keras")
    look_at_test(folder, model, split.test, trial=trial, backend=backend, leakage=split.leakage_note)


def _fingerprint(split: SubjectSplit) -> str:
    return "-".join(side.fingerprint()[:16] for side in (split.train, split.validation, split.test))
