"""Searches that are killed at random moments, and what must hold all the same.

`make chaos` runs it: for each seed a driver, a trial's process, Ray's worker and whole nodes are killed with -9 while a
search of a stand-in is under way, as often as chance has it. The search is resumed until it ends, and then compared
with one that nobody disturbed.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil

from kerashar.search.engine import Resources, make_scheduler
from kerashar.search.history import RUNNING, History
from kerashar.search.journal import Journal
from tests.search.stand_in import run_stand_in, settings

ROOT = Path(__file__).parents[2]
TRIALS = 8
RUNGS = {"seed": 4, "reduction_factor": 2}  # trials end at all of the rungs
EPOCH_SECONDS = 0.1
DEADLINE = 900.0  # on a busy machine too
NODE_KILLED = "killed a node"  # what a driver says that kills its own nodes
VICTIMS = ("driver", "trial", "worker", "node")


def drive(folder: Path, kind: str) -> None:
    """Run or resume the search, one trial at a time, or where nodes are killed on three of them."""
    if kind != "node":
        run_stand_in(folder, TRIALS, Resources(concurrent=1), {"seconds": EPOCH_SECONDS}, **RUNGS)
        return
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(5)]
    chance = np.random.default_rng(os.getpid())

    def kill_nodes() -> None:
        for _ in range(3):
            time.sleep(chance.uniform(1.0, 4.0))
            raylet = psutil.Process(nodes.pop().all_processes["raylet"][0].process.pid)
            for process in (raylet, *raylet.children(recursive=True)):
                process.kill()
            print(NODE_KILLED, flush=True)

    threading.Thread(target=kill_nodes, daemon=True).start()
    run_stand_in(folder, TRIALS, Resources(address=cluster.address), {"seconds": EPOCH_SECONDS}, **RUNGS)
    ray.shutdown()
    cluster.shutdown()


def disturb(folder: Path, victim: str, seed: int) -> int:
    """Run a search to its end while killing at random; how many processes were killed."""
    chance = np.random.default_rng(seed)
    end = time.monotonic() + DEADLINE
    killed = worked = 0
    while time.monotonic() < end:
        driver = start_driver(folder, victim)
        while driver.poll() is None and time.monotonic() < end:
            time.sleep(chance.uniform(0.2, 1.5))
            # A trial that dies again and again without a new epoch counts as failed, as it should.
            if killed < 4 and (folder / "journal.jsonl").exists() and (victim != "trial" or _worked(folder) > worked):
                worked = _worked(folder)
                killed += _kill(driver, victim, folder)
        if driver.poll() == 0:
            return killed + (folder / "output.txt").read_text(encoding="utf-8").count(NODE_KILLED)
        driver.kill()
        driver.wait()
    raise TimeoutError(f"The search in {folder} did not end within {DEADLINE} s.")


def _worked(folder: Path) -> int:
    """How many epochs have been begun."""
    return sum(len(each.read_text().split()) for each in folder.glob("trials/*/worked.txt"))


def start_driver(folder: Path, victim: str) -> subprocess.Popen:
    """A process that runs or resumes the search."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "output.txt", "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.search.chaos", "--drive", str(folder), "--victim", victim],
            cwd=ROOT,
            env={**os.environ, **token()},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def token() -> dict[str, str]:
    """What a process needs whose nodes talk over the network's interface: nobody else joins them."""
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


def _kill(driver: subprocess.Popen, victim: str, folder: Path) -> int:
    """Kill what the search can least do without; 1 where something was there to kill."""
    if victim == "node":
        return 0  # the driver's own thread does it
    if victim == "driver":
        driver.kill()
        driver.wait()
        return 1
    for process in psutil.Process(driver.pid).children(recursive=True):
        try:
            if "kerashar.search.worker" in process.cmdline():
                (process if victim == "trial" else process.parent() or process).send_signal(signal.SIGKILL)
                return 1
        except psutil.Error:  # ended meanwhile
            continue
    return 0


def check(folder: Path, undisturbed: Path, exact: bool) -> None:
    """What must hold of a disturbed search; AssertionError says what doesn't."""
    history, reference = (History(Journal(each / "journal.jsonl")).trials for each in (folder, undisturbed))
    assert {name: trial.settings for name, trial in history.items()} == {
        name: trial.settings for name, trial in reference.items()
    }
    assert all(trial.status != RUNNING for trial in history.values())
    for name in history:
        worked = [int(line) for line in (folder / "trials" / name / "worked.txt").read_text().split()]
        # An epoch is begun again only if it was under way, never one that is in a checkpoint.
        assert all(after in (before, before + 1) for before, after in pairwise(worked)), worked
    if exact:  # one trial at a time: the order of reports is the same, and so are all promotions
        for name, trial in history.items():
            assert (trial.status, trial.reached) == (reference[name].status, reference[name].reached), name
            assert [report["val_macro_f1"] for report in trial.reports] == [
                report["val_macro_f1"] for report in reference[name].reports
            ], name
    # A rule that is told the journal anew decides as it was decided.
    replayed = History(Journal(folder / "journal.jsonl"))
    before = len(list(replayed.journal.read()))
    make_scheduler(replayed, settings(TRIALS, **RUNGS)).replay()
    assert len(list(replayed.journal.read())) == before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--victim", choices=VICTIMS)
    parser.add_argument("--drive", type=Path)
    chosen = parser.parse_args()
    if chosen.drive:
        drive(chosen.drive, chosen.victim)
        return
    with tempfile.TemporaryDirectory() as scratch:
        undisturbed = Path(scratch) / "undisturbed"
        assert start_driver(undisturbed, "driver").wait() == 0
        for victim in [chosen.victim] if chosen.victim else VICTIMS:
            kills, began = 0, time.monotonic()
            for seed in range(chosen.seeds):
                folder = Path(scratch) / f"{victim}-{seed}"
                kills += disturb(folder, victim, seed)
                check(folder, undisturbed, exact=victim != "node")
            seconds = time.monotonic() - began
            print(f"{victim}: {chosen.seeds} searches, {kills} kills, {seconds:.0f} s: all as it should be", flush=True)


if __name__ == "__main__":
    main()
