"""What a search costs besides its trials: against bare Ray Tune, with more workers, and with ten thousand trials.

python benchmarks/search.py overhead             # ours against Ray Tune with a fresh process for each trial
python benchmarks/search.py workers              # 1, 2, 4 and 8 trials at a time
python benchmarks/search.py many --trials 10000  # time of a report, memory, and the restore
python benchmarks/search.py asha --hapt hapt.zip # ASHA against random search at equal budget
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import psutil

from benchmarks.sleeping_objective import IMPORTS
from kerashar.files import write_csv
from kerashar.search import Choice, LogUniform, Resources, Uniform, run_search
from kerashar.search.engine import make_scheduler, run_trials, start_ray
from kerashar.search.history import History
from kerashar.search.journal import Journal
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


def asha(hapt: Path, trials: int, seeds: int, out: Path | None) -> None:
    """Seconds until a trial is within half a point of the best that either found, by ASHA and without stopping."""
    from kerashar.data import load_split

    space = {
        "model": {"hidden": Choice((16, 32, 48)), "blocks": Choice((1, 2, 3)), "dropout": Uniform(0.0, 0.4)},
        "training": {"learning_rate": LogUniform(1e-5, 3e-2), "weight_decay": LogUniform(1e-3, 0.3), "epochs": 9},
    }
    rows = []
    for seed in range(seeds):
        split = load_split("hapt", archive=hapt, seed=seed)
        curves = {}
        for scheduler in ("asha", "none"):
            with tempfile.TemporaryDirectory() as scratch:
                folder = Path(scratch) / "run"
                run_search(
                    "modern_tcn", split, space=space, trials=trials, folder=folder, scheduler=scheduler,
                    searcher="random", seed=seed, resources=Resources(concurrent=2),
                )  # fmt: skip
                events = list(Journal(folder / "journal.jsonl").read())
                start = events[0]["time"]
                reports = [event for event in events if event["event"] == "report"]
                curves[scheduler] = [(event["time"] - start, event["val_macro_f1"]) for event in reports]
        # Equal budget: what each had after as many seconds as the shorter took.
        end = min(curve[-1][0] for curve in curves.values())
        goal = max(score for curve in curves.values() for at, score in curve if at <= end) - 0.005
        row: dict[str, Any] = {"seed": seed, "budget": round(end, 1), "goal": round(goal, 4)}
        for scheduler, curve in curves.items():
            row[scheduler] = round(min((at for at, score in curve if score >= goal), default=np.inf), 1)
        rows.append(row)
        print(row, flush=True)
    if out is not None:
        write_csv(out, rows)


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
    four.add_argument("--trials", type=int, default=24)
    four.add_argument("--seeds", type=int, default=3)
    four.add_argument("--out", type=Path)
    chosen = vars(parser.parse_args())
    {"overhead": overhead, "workers": workers, "many": many, "asha": asha}[chosen.pop("command")](**chosen)


if __name__ == "__main__":
    main()
