"""Searches whose driver or trial is killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from kerashar.data import SubjectSplit
from kerashar.search import Resources, resume_search, run_search
from kerashar.search.history import Trials
from kerashar.search.journal import Journal
from tests.search.tiny_search import SPACE

pytestmark = pytest.mark.once

EPOCHS = 20
# Long enough to be hit in the middle; no trial ends early.
LONG = {**SPACE, "training": {**SPACE["training"], "epochs": EPOCHS, "patience": EPOCHS}}
DEADLINE = 120.0

_DRIVER = """
import sys
from kerashar.search import Resources, run_search
from tests.search.test_killed import LONG, EPOCHS
from tests.search.tiny_search import tiny_split
if __name__ == "__main__":
    how = {"trials": 3, "resources": Resources(concurrent=1), "grace_period": EPOCHS}
    run_search("modern_tcn", tiny_split(), space=LONG, folder=sys.argv[1], **how)
"""


def _wait_for(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.02)
    raise TimeoutError(f"nothing within {DEADLINE} s")


def _running(journal: Journal, trial: str) -> bool:
    record = Trials.of(journal.read()).get(trial)
    return record is not None and record.status == "running" and len(record.reports) >= 2


def _reports(journal: Journal) -> list[tuple[str, int]]:
    return sorted((event["trial"], event["epoch"]) for event in journal.read() if event["event"] == "report")


def _process_of(trial_folder: Path) -> psutil.Process | None:
    """The trial's process: the child that holds the lock of its folder."""
    lock = str(trial_folder.with_suffix(".lock"))
    for process in psutil.Process().children(recursive=True):
        try:
            if any(file.path == lock for file in process.open_files()):
                return process
        except psutil.Error:  # ended meanwhile, or not ours to look into
            continue
    return None


@pytest.fixture
def killed_search(tmp_path: Path) -> Path:
    """The folder of a search whose driver was killed while its second trial was training."""
    script = tmp_path / "driver.py"
    script.write_text(_DRIVER)
    folder = tmp_path / "search"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with open(tmp_path / "output", "wb") as output:
        driver = subprocess.Popen(
            [sys.executable, str(script), str(folder)],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        journal = Journal(folder / "journal.jsonl")
        _wait_for(lambda: _running(journal, "0002") or driver.poll() is not None)
        assert driver.poll() is None, (tmp_path / "output").read_text()
    finally:
        driver.kill()
        driver.wait()
    return folder


def test_a_search_goes_on_after_its_driver_is_killed(killed_search: Path, split: SubjectSplit, ray_runs: None):
    journal = Journal(killed_search / "journal.jsonl")
    before = Trials.of(journal.read())
    assert [trial.status for trial in before.values()] == ["completed", "running"]

    result = resume_search(killed_search, split, resources=Resources(concurrent=2))

    assert [trial.status for trial in result.trials] == ["completed"] * 3
    assert result.trials[0] == before["0001"]
    names = ["0001", "0002", "0003"]
    assert [event["trial"] for event in journal.read() if event["event"] == "suggested"] == names
    assert _reports(journal) == [(name, epoch) for name in names for epoch in range(1, EPOCHS + 1)]
    # It went on instead of beginning anew: what it had reported still stands.
    seen = before["0002"].reports
    assert result.trials[1].reports[: len(seen)] == seen


def test_a_trial_goes_on_after_its_process_is_killed(split: SubjectSplit, ray_runs: None, tmp_path: Path):
    folder = tmp_path / "search"
    journal = Journal(folder / "journal.jsonl")
    notes: dict[str, Any] = {}

    def kill() -> None:
        _wait_for(lambda: _running(journal, "0001"))
        try:
            resume_search(folder, split)
        except ValueError as error:
            notes["second driver"] = str(error)
        process = _process_of(folder / "trials" / "0001")
        if process is not None:
            process.send_signal(signal.SIGKILL)
            notes["killed after"] = len(_reports(journal))

    killer = threading.Thread(target=kill)
    killer.start()
    result = run_search("modern_tcn", split, space=LONG, trials=1, folder=folder, grace_period=EPOCHS)
    killer.join()

    assert "in use by another" in notes["second driver"]
    assert 2 <= notes["killed after"] < EPOCHS
    assert [trial.status for trial in result.trials] == ["completed"]
    assert _reports(journal) == [("0001", epoch) for epoch in range(1, EPOCHS + 1)]
    assert sum(event["event"] == "suggested" for event in journal.read()) == 1
