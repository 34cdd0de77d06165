"""Ray Tune runs the trials of a search; the journal remembers them."""

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from kerashar.search.history import History
from kerashar.search.journal import Journal
from kerashar.search.rules import HyperBand, MedianStopping, NoStopping, StoppingRule, SuccessiveHalving
from kerashar.search.settings import SearchSettings
from kerashar.training.sides import Sides

POPULATIONS = ("pbt", "pb2")
SCHEDULERS = ("asha", "hyperband", "median_stopping", *POPULATIONS, "none")
OUT_OF_MEMORY = ("smaller", "record")
LOGS = ("tensorboard",)
MOST_LOSSES = 5  # of the node or the actor under a trial, before the trial counts as failed
_CAPACITY_HOLDS = 2.0  # seconds until the cluster is asked anew how many trials it takes


@dataclass(frozen=True)
class Resources:
    """Where a search runs and what each trial occupies.

    Args:
        concurrent: trials at a time; None takes as many as the cluster has room for, also when it grows or shrinks.
        cpus: CPU cores of a trial.
        gpus: GPUs of a trial; fractions share one.
        memory: bytes that a trial is expected to need; None doesn't count them.
        address: of a running cluster, such as `"auto"` or `"10.0.0.5:6379"`; None starts Ray on this machine alone.
        allow_open_cluster: whether a cluster is joined that others reach without a token.
    """

    concurrent: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    memory: int | None = None
    address: str | None = None
    allow_open_cluster: bool = False

    def __post_init__(self) -> None:
        if self.concurrent is not None and self.concurrent < 1:
            raise ValueError(f"Expected at least 1 trial at a time. Received: concurrent={self.concurrent}.")
        if self.cpus <= 0 or self.gpus < 0:
            raise ValueError(f"Expected cpus above 0 and gpus of at least 0. Received: {self.cpus} and {self.gpus}.")
        if self.gpus > 1 and self.gpus != int(self.gpus):
            raise ValueError(f"Expected a share of one GPU or a whole number of them. Received: gpus={self.gpus}.")
        if self.memory is not None and self.memory < 1:
            raise ValueError(f"Expected memory in bytes, above 0. Received: memory={self.memory}.")

    @property
    def needs(self) -> dict[str, float]:
        """What Ray sets aside for a trial."""
        return {"cpu": self.cpus, "gpu": self.gpus, **({"memory": self.memory} if self.memory else {})}

    def fit(self, available: Mapping[str, float]) -> int:
        """How many trials fit into a cluster's resources."""
        names = {"cpu": "CPU", "gpu": "GPU", "memory": "memory"}
        return min(int(available.get(names[name], 0) / need) for name, need in self.needs.items() if need)


def run_trials(
    settings: SearchSettings,
    folder: Path,
    objective: str,
    sides: Sides | None = None,
    resources: Resources | None = None,
    console: Console | None = None,
    objective_arguments: dict[str, Any] | None = None,
) -> History:
    """Run what is left of a search's trials, and return all of them.

    Args:
        settings: of the search.
        folder: its run folder; it belongs to this process alone meanwhile.
        objective: module whose `run(job, reports)` trains one trial in a process of its own, and whose `warm(backend)`
            imports what that needs.
        sides: windows that all trials train on; each node gets them once.
        resources: where it runs; None takes one core for each trial, here.
        console: where progress is shown; None shows none.
        objective_arguments: plain data that each trial is told besides its own settings.

    Raises:
        ValueError: an unknown scheduler, or a cluster that is open to others.
        RuntimeError: fewer trials ran than were asked for.
        OSError: the journal can't be written; what it holds stands, and the search can be resumed.
    """
    resources = resources or Resources()
    history = History(Journal(folder / "journal.jsonl"))
    scheduler = make_scheduler(history, settings)
    scheduler.replay()
    logs = _open_logs(history, settings)
    if len(history.trials.ended) < settings.trials:
        start_ray(resources.address, resources.allow_open_cluster)
        search = {
            # The same after a resume, which finds the windows where a killed driver left them.
            "name": hashlib.sha256(f"{folder.resolve()} {settings.fingerprint}".encode()).hexdigest()[:12],
            "folder": str(folder.resolve()),
            "objective": objective,
            "arguments": objective_arguments or {},
            "out_of_memory": settings.out_of_memory,
            "storage": settings.storage,
            "gpus": resources.gpus,
            "more": settings.trials > 1,
            "sides": sides,
        }
        _fit(settings, history, scheduler, search, resources, console or Console(quiet=True), logs)
    _check_all_ended(settings, history)
    return history


def make_scheduler(history: History, settings: SearchSettings) -> Any:
    """The scheduler of that name, on a history."""
    from kerashar.search.population import PopulationScheduler
    from kerashar.search.scheduler import JournaledScheduler

    if settings.scheduler in POPULATIONS:
        return PopulationScheduler(history, settings, guided=settings.scheduler == "pb2")
    return JournaledScheduler(history, make_rule(settings))


def make_rule(settings: SearchSettings) -> StoppingRule:
    """The rule by which trials end early."""
    rungs = (settings.epochs, settings.grace_period, settings.reduction_factor)
    match settings.scheduler:
        case "asha":
            return SuccessiveHalving(*rungs)
        case "hyperband":
            return HyperBand(*rungs)
        case "median_stopping":
            return MedianStopping(settings.grace_period)
        case _:
            return NoStopping()


def _open_logs(history: History, settings: SearchSettings) -> list[Any]:
    """Callbacks that write ended trials elsewhere too; what an interrupted search left out, they have written."""
    if "tensorboard" not in settings.logs:
        return []
    from kerashar.search.hparams_log import HParamsLog

    log = HParamsLog(history, settings)
    log.catch_up()
    return [log]


def _fit(
    settings: SearchSettings,
    history: History,
    scheduler: Any,
    search: dict[str, Any],
    resources: Resources,
    console: Console,
    logs: list[Any],
) -> None:
    from ray import tune

    from kerashar.search.progress import Progress
    from kerashar.search.searcher import JournaledSearch
    from kerashar.search.trial_runner import TrialRunner, clear_nodes

    # A population is trained side by side, and takes turns where there are fewer places.
    slots = Capacity(resources)
    capacity = (lambda: settings.trials) if settings.scheduler in POPULATIONS else slots
    searcher = JournaledSearch(history, settings, capacity)
    if searcher.is_finished():
        return
    history.journal.append("opened")  # the time since the last event is a gap
    trainable = tune.with_resources(tune.with_parameters(TrialRunner, **search), resources.needs)
    progress = Progress(history, settings, scheduler.rule, slots, console)
    # Ray's own files are of no use after the search: the journal has it all.
    with tempfile.TemporaryDirectory(prefix="kerashar-") as scratch, progress:
        tuner = tune.Tuner(
            trainable,
            tune_config=tune.TuneConfig(
                search_alg=searcher, scheduler=scheduler, num_samples=searcher.total_samples, reuse_actors=True
            ),
            run_config=tune.RunConfig(
                name="search",
                storage_path=scratch,
                verbose=0,
                callbacks=[progress, *logs],
                failure_config=tune.FailureConfig(max_failures=MOST_LOSSES),
            ),
        )
        try:
            tuner.fit()
        finally:
            clear_nodes(search["name"])
    if searcher.helped:
        console.print(
            f"{settings.searcher} repeated itself: {searcher.helped} of its draws were thrown away and made at random",
            soft_wrap=True,
        )


class Capacity:
    """How many trials may run at a time, by what the cluster has at the moment."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.asked = -_CAPACITY_HOLDS
        self.found = 1

    def __call__(self) -> int:
        import ray

        if self.resources.concurrent is not None:
            return self.resources.concurrent
        if time.monotonic() - self.asked >= _CAPACITY_HOLDS:
            self.found = max(1, self.resources.fit(ray.cluster_resources()))
            self.asked = time.monotonic()
        return self.found


def start_ray(address: str | None = None, allow_open_cluster: bool = False) -> None:
    """Join the cluster at `address`, or start Ray on this machine alone, unless it runs already.

    Its ports listen on all interfaces whatever it is told; what keeps others out is the token that Ray asks for.
    """
    import ray

    os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"  # the new one prints a box even at verbosity 0
    # Otherwise a trial that fails before its first report ends the whole search.
    os.environ.setdefault("TUNE_DISABLE_STRICT_METRIC_CHECKING", "1")
    os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", str(10**9))  # Ray's own memory of the search, which nobody reads
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        # Without the word Ray would join whatever cluster this machine has a note of, also one that is gone.
        ray.init("local", include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
        return
    from kerashar.search.cluster.safety import check_address

    check_address(address, allow_open=allow_open_cluster)
    ray.init(address, **quiet)


def _check_all_ended(settings: SearchSettings, history: History) -> None:
    ended = len(history.trials.ended)
    if ended >= settings.trials:
        return
    going = len(history.trials) - ended
    if going:
        raise KeyboardInterrupt(f"{ended} of {settings.trials} trials have ended; resume the search.")
    raise RuntimeError(
        f"Expected {settings.trials} trials. Received: {ended}, because the searcher found no settings that it had not "
        "drawn before. Ask for fewer trials, or widen the space; the trials that ran are in the run folder."
    )
