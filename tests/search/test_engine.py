"""Searches of a stand-in on Ray: what becomes of trials that fail, die, or run out of memory."""

import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from kerashar.search import Choice
from kerashar.search.engine import Resources
from kerashar.search.history import History
from kerashar.search.journal import Journal
from tests.search.chaos import ROOT, check, disturb, start_driver, token
from tests.search.stand_in import EPOCHS, run_stand_in

pytestmark = pytest.mark.once


def _worked(folder: Path, trial: str) -> list[int]:
    return [int(line) for line in (folder / "trials" / trial / "worked.txt").read_text().split()]


def test_trials_fail_and_die_each_in_its_own_way(ray_runs: None, tmp_path: Path):
    how = {"fail": "0002", "deaths": {"0003": {"4": 2, "6": 1, "7": 1}, "0004": {"5": 3}}}
    trials = run_stand_in(tmp_path, 4, Resources(concurrent=2), how, scheduler="none").trials
    assert [trial.status for trial in trials.values()] == ["completed", "failed", "completed", "failed"]
    assert "ValueError: made to fail" in (trials["0002"].error or "")
    assert "died 3 times in an epoch: SIGKILL" in (trials["0004"].error or "")
    assert trials["0004"].reached == 4
    assert _worked(tmp_path, "0003") == [1, 2, 3, 4, 4, 4, 5, 6, 6, 7, 7, *range(8, EPOCHS + 1)]  # what was under way
    assert [report["epoch"] for report in trials["0003"].reports] == list(range(1, EPOCHS + 1))
    assert History(Journal(tmp_path / "journal.jsonl")).trials == trials
    before = (tmp_path / "journal.jsonl").read_bytes()
    assert run_stand_in(tmp_path, 4, scheduler="none").trials == trials
    assert (tmp_path / "journal.jsonl").read_bytes() == before


def test_a_trial_that_runs_out_of_memory_goes_on_smaller_or_is_recorded(ray_runs: None, tmp_path: Path):
    how = {"too_large": 20}
    smaller = run_stand_in(tmp_path / "a", 1, how=how).trials["0001"]
    assert smaller.status == "completed"
    assert smaller.settings["training.batch_size"] == 16
    assert smaller.settings["training.accumulate"] == 4
    assert "training.batch_size" not in smaller.drawn
    recorded = run_stand_in(tmp_path / "b", 1, how=how, out_of_memory="record").trials["0001"]
    assert recorded.status == "failed"
    assert "out of memory" in (recorded.error or "")
    hopeless = run_stand_in(tmp_path / "c", 1, how={"too_large": 0.5}).trials["0001"]
    assert hopeless.status == "failed"


def test_fewer_trials_than_asked_are_an_error_that_says_why(ray_runs: None, tmp_path: Path):
    few = {"model": {"peak": Choice((0.5, 0.6))}, "training": {"learning_rate": 0.01, "epochs": EPOCHS}}
    output = io.StringIO()
    with pytest.raises(RuntimeError, match=r"Expected 3 trials. Received: 2, because the searcher found no settings"):
        run_stand_in(tmp_path, 3, console=Console(file=output, width=200), space=few, scheduler="none")
    trials = History(Journal(tmp_path / "journal.jsonl")).trials
    assert [trial.status for trial in trials.values()] == ["completed", "completed"]
    assert "random repeated itself" in output.getvalue()


def test_a_population_takes_turns_and_the_weak_take_over(ray_runs: None, tmp_path: Path):
    trials = run_stand_in(tmp_path, 5, Resources(concurrent=2), scheduler="pbt", grace_period=3).trials
    assert {(trial.status, trial.reached) for trial in trials.values()} == {("completed", EPOCHS)}
    taken = [trial for trial in trials.values() if trial.generation]
    assert taken
    for trial in taken:
        assert trial.settings["model.peak"] != trial.drawn["model.peak"]
        assert [report["epoch"] for report in trial.reports] == list(range(1, EPOCHS + 1))
    assert min(trial.score or 0 for trial in taken) > min(trial.drawn["model.peak"] for trial in trials.values())


def test_a_driver_killed_at_random_moments_changes_nothing(tmp_path: Path):
    reference = start_driver(tmp_path / "undisturbed", "driver")
    kills = disturb(tmp_path / "disturbed", "driver", seed=1)
    assert reference.wait() == 0
    assert kills > 0
    check(tmp_path / "disturbed", tmp_path / "undisturbed", exact=True)


def test_nodes_killed_with_their_trials_lose_nothing(tmp_path: Path):
    disturb(tmp_path / "nodes", "node", seed=0)
    assert (tmp_path / "nodes" / "output.txt").read_text().count("killed a node") >= 1
    check(tmp_path / "nodes", tmp_path / "nodes", exact=False)


def test_shares_of_gpus_are_packed_onto_the_nodes_that_have_them(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; import ray; from ray.cluster_utils import Cluster\n"
        "from kerashar.search.engine import Resources; from tests.search.stand_in import run_stand_in\n"
        "head = {'num_cpus': 4, 'num_gpus': 0, 'include_dashboard': False}\n"
        "cluster = Cluster(initialize_head=True, head_node_args=head)\n"
        "for _ in range(2): cluster.add_node(num_cpus=4, num_gpus=1)\n"
        "resources = Resources(gpus=0.5, address=cluster.address)\n"
        "run_stand_in(Path(sys.argv[1]), 4, resources, {'seconds': 0.5}, scheduler='none')\n"
        "ray.shutdown(); cluster.shutdown()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        cwd=ROOT,
        env={**os.environ, **token()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    places = [json.loads(path.read_text()) for path in (tmp_path / "run" / "trials").glob("*/where.json")]
    assert {place["CUDA_VISIBLE_DEVICES"] for place in places} == {"0"}
    used = Counter(place["RAY_RAYLET_PID"] for place in places)
    assert len(used) == 2  # the head has no GPU
    for place in places:  # a GPU is shared by two at most, and by two it is
        others = [each for each in places if each["RAY_RAYLET_PID"] == place["RAY_RAYLET_PID"] and each is not place]
        assert sum(each["began"] < place["began"] < each["began"] + EPOCHS * 0.5 for each in others) <= 1
    assert max(used.values()) >= 2


def test_a_full_disk_ends_the_search_and_loses_nothing(tmp_path: Path):
    code = (
        "import signal, sys; from pathlib import Path; from tests.search.stand_in import run_stand_in\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "run_stand_in(Path(sys.argv[1]), 4, scheduler='none')"
    )
    limit = 4000  # bytes of any file, as if there were no room for more

    def run(limited: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", _LIMITED.format(limit=limit) + code if limited else code, str(tmp_path / "run")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    first = run(limited=True)
    assert first.returncode != 0
    assert "OSError" in first.stderr
    before = History(Journal(tmp_path / "run" / "journal.jsonl")).trials
    assert before
    assert run(limited=False).returncode == 0
    after = History(Journal(tmp_path / "run" / "journal.jsonl")).trials
    assert [trial.status for trial in after.values()] == ["completed"] * 4
    for name, trial in before.items():
        assert after[name].settings == trial.settings
        assert after[name].reports[: len(trial.reports)] == trial.reports


# The limit holds for the driver alone: what it starts gets the old one back.
_LIMITED = """
import resource, kerashar.search.journal as journal
from kerashar import files
def small(path, text, real=files.append_line):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, before[1]))
    try:
        real(path, text)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
journal.append_line = small
"""


def test_a_folder_that_cannot_be_written_is_an_error_at_once(ray_runs: None, tmp_path: Path):
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(OSError, match=r"journal\.jsonl"):
        run_stand_in(tmp_path, 1)


def test_resources_are_checked_and_counted():
    needs = Resources(cpus=2, gpus=0.5, memory=4 * 10**9)
    assert needs.needs == {"cpu": 2, "gpu": 0.5, "memory": 4 * 10**9}
    assert needs.fit({"CPU": 16, "GPU": 2, "memory": 64e9}) == 4
    assert needs.fit({"CPU": 16, "memory": 64e9}) == 0
    for wrong in ({"cpus": 0}, {"gpus": -1}, {"gpus": 1.5}, {"concurrent": 0}, {"memory": 0}):
        with pytest.raises(ValueError, match="Received"):
            Resources(**wrong)
