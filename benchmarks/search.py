"""What a search costs besides its trials: against bare Ray Tune, with more workers, and with ten thousand trials.

python benchmarks/search.py overhead             # ours against Ray Tune with a fresh process for each trial
python benchmarks/search.py workers              # 1, 2, 4 and 8 trials at a time
python benchmarks/search.py many --trials 10000  # time of a report, memory, and the restore
python benchmarks/search.py asha --hapt hapt.zip # ASHA against random search at equal budget
"""

import argparse
import csv
import heapq
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil

from benchmarks.sleeping_objective import IMPORTS
from kerashar.files import write_csv
from kerashar.search import Choice, LogUniform, Resources, Uniform, run_search
from kerashar.search.engine import make_scheduler, run_trials, start_ray
from kerashar.search.history import History, TrialRecord
from kerashar.search.journal import Journal
from kerashar.search.rules import NoStopping, StoppingRule, SuccessiveHalving
from kerashar.search.settings import SearchSettings

SPACE: dict[str, dict[str, Any]] = {
    "model": {"x": Uniform(0.0, 1.0)},
    "training": {"epochs": 1, "learning_rate": LogUniform(1e-4, 1e-1)},
}


def bare(config: dict[str, Any]) -> None:
    """The trial of `sleeping_objective` as a function of Ray Tune."""
    from ray import tune

    from kerashar.choose_backend import choose_backend

    choose_backend(config["backend"])
    import kerashar.training.run  # noqa: F401

    time.sleep(config["seconds"])
    tune.report({"score": config["x"]})


def overhead(trials: int, seconds: float, concurrent: int, backend: str, rounds: int) -> None:
    """Seconds that a trial costs beyond its sleep: the whole search's time, less the sleeps that follow each other."""
    from ray import tune

    os.environ[IMPORTS] = "1"
    start_ray()
    found: dict[str, list[float]] = {"ours": [], "ray": []}
    for _ in range(rounds):
        began = time.perf_counter()
        _simulate(trials, seconds, Resources(concurrent=concurrent), backend)
        found["ours"].append((time.perf_counter() - began) * concurrent / trials - seconds)

        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            tune.Tuner(
                bare,
                param_space={"x": tune.uniform(0, 1), "seconds": seconds, "backend": backend},
                tune_config=tune.TuneConfig(num_samples=trials, max_concurrent_trials=concurrent),
                run_config=tune.RunConfig(storage_path=scratch, verbose=0),
            ).fit()
        found["ray"].append((time.perf_counter() - began) * concurrent / trials - seconds)
    ours, ray = min(found["ours"]), min(found["ray"])
    print(f"{trials} trials of {seconds} s on {backend}, {concurrent} at a time, fastest of {rounds} rounds")
    print(f"| bare Ray Tune | ours | ratio |\n| --- | --- | --- |\n| {ray:.2f} s | {ours:.2f} s | {ours / ray:.2f} |")


def workers(rounds: int, seconds: float) -> None:
    """The time of simulated trials, as many for each worker whatever their number, against their sleep."""
    import ray

    start_ray_with(8)
    print(f"{rounds} trials of {seconds} s for each worker")
    print("| workers | trials | seconds | of linear |\n| --- | --- | --- | --- |")
    for count in (1, 2, 4, 8):
        began = time.perf_counter()
        _simulate(rounds * count, seconds, Resources(concurrent=count), "torch")
        taken = time.perf_counter() - began
        print(f"| {count} | {rounds * count} | {taken:.1f} | {rounds * seconds / taken:.0%} |", flush=True)
    ray.shutdown()


def start_ray_with(cores: int) -> None:
    """Ray on this machine with cores that it may not have: sleeping trials need none."""
    import logging

    import ray

    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
    ray.init("local", num_cpus=cores, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)


def _simulate(trials: int, seconds: float, resources: Resources, backend: str) -> History:
    settings = _settings(trials, backend)
    with tempfile.TemporaryDirectory() as folder:
        return run_trials(
            settings, Path(folder), "benchmarks.sleeping_objective", None, resources, None, {"seconds": seconds}
        )


def _settings(trials: int, backend: str = "torch", **changes: Any) -> SearchSettings:
    given = {"model": "none", "space": SPACE, "trials": trials, "backends": (backend,), "seed": 0, "grace_period": 1}
    rest = {"reduction_factor": 3, "data": None, "fingerprint": "none", "searcher": "random", "scheduler": "asha"}
    return SearchSettings(**{**given, **rest, **changes})


def many(trials: int, searcher: str) -> None:
    """The driver's share of a search of many trials on simulated nodes, and how long it takes to pick it up again.

    Nothing trains, and Ray moves nothing: trials are asked for, report three times unless they are stopped, and end.
    """
    from ray.tune import PlacementGroupFactory
    from ray.tune.experiment import trial as ray_trial

    from kerashar.search.searcher import JournaledSearch

    ray_trial.validate_trainable = lambda _: None  # there is none
    settings = _settings(trials, searcher=searcher, space={**SPACE, "training": {**SPACE["training"], "epochs": 9}})
    nobody: Any = None
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "journal.jsonl"
        history = History(Journal(path))
        scheduler = make_scheduler(history, settings)
        search = JournaledSearch(history, settings, lambda: 64)
        spec = {"run": "none", "resources_per_trial": PlacementGroupFactory([{"CPU": 1}])}
        search.add_configurations([SimpleNamespace(spec=spec)])
        asked, told = [], []
        while not search.is_finished():
            began = time.perf_counter()
            trial = search.next_trial()
            asked.append(time.perf_counter() - began)
            if trial is None:
                break
            for epoch in (1, 3, 9):
                score = trial.config["settings"]["model.x"] * (1 - 0.5**epoch)
                report = {"generation": 0, "epoch": epoch, "val_macro_f1": score, "val_loss": 0.0, "seconds": 0.0}
                began = time.perf_counter()
                decision = scheduler.on_trial_result(nobody, trial, {"message": _text(report)})
                told.append(time.perf_counter() - began)
                if decision == scheduler.STOP:
                    break
            scheduler.end(trial.trial_id, None)
            search.on_trial_complete(trial.trial_id)
        print(
            f"{trials} trials, {len(told)} reports, journal of {path.stat().st_size / 1e6:.1f} MB, searcher {searcher}"
        )
        print("| | first 1,000 | last 1,000 |\n| --- | --- | --- |")
        for name, times in (("report", told), ("suggestion", asked)):
            first, last = statistics.median(times[:1000]), statistics.median(times[-1000:])
            print(f"| {name} | {1000 * first:.2f} ms | {1000 * last:.2f} ms |")
        print(f"memory of the driver: {psutil.Process().memory_info().rss / 1e6:.0f} MB")
        began = time.perf_counter()
        again = History(Journal(path))
        make_scheduler(again, settings).replay()
        JournaledSearch(again, settings, lambda: 64)
        print(f"restored in {time.perf_counter() - began:.1f} s")


def _text(report: dict[str, Any]) -> str:
    import json

    return json.dumps({"report": report})


def asha(hapt: Path, curves: Path, trials: int, orders: int) -> None:
    """Seconds until a trial is within half a point of the best of all, by ASHA and without stopping.

    All trials are trained once to their end. Then both searches are played on what they reported, with the seconds that
    each epoch took and two trials at a time, as often as wanted: each time the trials come in another order.
    """
    if not curves.exists():
        write_csv(curves, _trained_curves(hapt, trials))
    with curves.open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    trained = [
        [(row["seconds"], row["val_macro_f1"]) for row in rows if row["trial"] == trial]
        for trial in sorted({row["trial"] for row in rows})
    ]
    epochs, goal = len(trained[0]), max(score for curve in trained for _, score in curve) - 0.005
    good = [max(score for _, score in curve) >= goal for curve in trained]
    print(f"{len(trained)} trials of {epochs} epochs, {sum(good)} of them at {goal:.4f} or above; {orders} orders")
    print("| rule | reached | seconds | without stopping | ratio |\n| --- | --- | --- | --- | --- |")
    drawn = [np.random.default_rng(order).permutation(len(trained)) for order in range(orders)]
    none = np.array([_time_to(goal, [trained[each] for each in order], NoStopping()) for order in drawn])
    rules: dict[str, Callable[[np.ndarray], StoppingRule]] = {
        "an oracle": lambda order: _Oracle([good[each] for each in order]),
        **{
            f"ASHA, first rung {first}, one in {factor}": lambda _, at=first, by=factor: SuccessiveHalving(
                epochs, at, by
            )
            for first, factor in ((1, 2), (1, 3), (1, 4), (3, 3))
        },
    }
    for name, rule in rules.items():
        times = np.array([_time_to(goal, [trained[each] for each in order], rule(order)) for order in drawn])
        found = np.isfinite(times)
        ours, theirs = times[found].mean(), none[found].mean()
        print(f"| {name} | {found.mean():.0%} | {ours:.0f} | {theirs:.0f} | {theirs / ours:.1f} |")


class _Oracle(StoppingRule):
    """Knows which trials get to the goal, and stops the others after their first epoch: what no rule can beat."""

    def __init__(self, good: list[bool]) -> None:
        self.good = good

    def stops(self, trial: TrialRecord) -> bool:
        return not self.good[int(trial.trial)]


def _trained_curves(hapt: Path, trials: int) -> list[dict[str, float]]:
    """What each epoch of trials that nobody stops gives and takes."""
    from kerashar.data import load_split

    space = {
        "model": {"hidden": Choice((8, 16, 32)), "blocks": Choice((1, 2, 3)), "dropout": Uniform(0.0, 0.6)},
        "training": {
            "learning_rate": LogUniform(1e-5, 0.3),
            "weight_decay": LogUniform(1e-4, 1.0),
            "epochs": 27,
            "patience": 27,
            "data_settings": {"fraction": 0.25},
        },
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "run"
        run_search(
            "modern_tcn", load_split("hapt", archive=hapt), space=space, trials=trials, folder=folder,
            scheduler="none", searcher="random", resources=Resources(concurrent=2),
        )  # fmt: skip
        history = History(Journal(folder / "journal.jsonl"))
    return [
        {"trial": int(name), **{figure: report[figure] for figure in ("epoch", "seconds", "val_macro_f1")}}
        for name, trial in history.trials.items()
        for report in trial.reports
    ]


def _time_to(goal: float, curves: list[list[tuple[float, float]]], rule: StoppingRule, workers: int = 2) -> float:
    """When the first trial reports the goal; infinity where the rule stops all that would."""
    waiting = iter(enumerate(curves))
    records: dict[int, TrialRecord] = {}
    events: list[tuple[float, int]] = []

    def begin(now: float) -> None:
        for trial, curve in itertools.islice(waiting, 1):
            records[trial] = TrialRecord(str(trial), {}, {})
            heapq.heappush(events, (now + curve[0][0], trial))

    for _ in range(workers):
        begin(0.0)
    while events:
        now, trial = heapq.heappop(events)
        curve, record = curves[trial], records[trial]
        score = curve[len(record.reports)][1]
        if score >= goal:
            return now
        record.reached += 1
        record.reports.append({"epoch": record.reached, "val_macro_f1": score, "val_loss": 0.0})
        if rule.stops(record) or len(record.reports) == len(curve):
            begin(now)
        else:
            heapq.heappush(events, (now + curve[len(record.reports)][0], trial))
    return float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("overhead")
    one.add_argument("--trials", type=int, default=8)
    one.add_argument("--seconds", type=float, default=5.0)
    one.add_argument("--concurrent", type=int, default=1)
    one.add_argument("--backend", default="torch")
    one.add_argument("--rounds", type=int, default=2)
    two = commands.add_parser("workers")
    two.add_argument("--rounds", type=int, default=8)
    two.add_argument("--seconds", type=float, default=10.0)
    three = commands.add_parser("many")
    three.add_argument("--trials", type=int, default=10_000)
    three.add_argument("--searcher", default="random")
    four = commands.add_parser("asha")
    four.add_argument("--hapt", type=Path, required=True)
    four.add_argument("--curves", type=Path, default=Path("runs/asha_curves.csv"), help="kept for the next time")
    four.add_argument("--trials", type=int, default=40)
    four.add_argument("--orders", type=int, default=200)
    chosen = vars(parser.parse_args())
    {"overhead": overhead, "workers": workers, "many": many, "asha": asha}[chosen.pop("command")](**chosen)


if __name__ == "__main__":
    main()
