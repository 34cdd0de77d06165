"""A trial's process without Ray."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from kerashar.search.journal import own_journal
from kerashar.search.trial_process import TrialProcess
from tests.search.chaos import ROOT
from tests.search.stand_in import EPOCHS

pytestmark = pytest.mark.once


@pytest.fixture
def processes() -> Iterator[list[TrialProcess]]:
    started: list[TrialProcess] = []
    yield started
    for process in started:
        process.end()


def _job(folder: Path, **changes: Any) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"model.peak": 0.8, "training.learning_rate": 0.01, "training.epochs": EPOCHS, "backend": "torch"}
    return {
        "trial": "0001",
        "settings": settings,
        "generation": 0,
        "clone": None,
        "reached": 0,
        "folder": str(folder),
        "windows": None,
        "storage": None,
        "arguments": {},
        **changes,
    }


def _start(processes: list[TrialProcess]) -> TrialProcess:
    process = TrialProcess("tests.search.stand_in", "torch")
    processes.append(process)
    return process


def _epochs(process: TrialProcess, last: int = EPOCHS) -> list[int]:
    """Let it train up to an epoch; the epochs that it told of."""
    told = []
    while True:
        message = process.read()
        if "report" in message:
            told.append(message["report"]["epoch"])
            if told[-1] == last:
                return told
            process.go_on()
        elif "ready" not in message:
            raise ValueError(f"Expected a report. Received: {message}.")


def _worked(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "trials" / "0001" / "worked.txt").read_text().split()]


def test_it_warms_up_before_it_has_a_job(processes: list[TrialProcess], tmp_path: Path):
    process = _start(processes)
    assert process.read() == {"ready": True}
    process.begin(_job(tmp_path))
    assert _epochs(process) == list(range(1, EPOCHS + 1))
    process.go_on()
    assert process.read() == {"done": True}
    assert process.read() == {"died": "exit code 0"}
    assert [event["epoch"] for event in own_journal(tmp_path, "0001").read()] == list(range(1, EPOCHS + 1))


def test_it_waits_after_each_report(processes: list[TrialProcess], tmp_path: Path):
    process = _start(processes)
    process.begin(_job(tmp_path))
    assert _epochs(process, last=2) == [1, 2]
    time.sleep(0.3)
    assert _worked(tmp_path) == [1, 2]


def test_what_goes_wrong_is_told(processes: list[TrialProcess], tmp_path: Path):
    process = _start(processes)
    process.begin(_job(tmp_path, arguments={"fail": "0001"}))
    assert process.read() == {"ready": True}
    message = process.read()
    assert "ValueError: made to fail" in message["failed"]
    assert not message["out_of_memory"]
    another = TrialProcess("tests.search.no_such_module", "torch")
    processes.append(another)
    assert "No module named 'tests.search.no_such_module'" in another.read()["failed"]


def test_a_killed_one_is_succeeded_where_it_stood(processes: list[TrialProcess], tmp_path: Path):
    first = _start(processes)
    first.begin(_job(tmp_path))
    _epochs(first, last=3)
    first.process.kill()
    assert first.read() == {"died": "SIGKILL"}
    second = _start(processes)
    second.begin(_job(tmp_path, reached=2))  # whoever starts it never got the third report
    assert _epochs(second) == list(range(3, EPOCHS + 1))
    assert _worked(tmp_path) == list(range(1, EPOCHS + 1))


def test_from_storage_it_goes_on_in_a_folder_that_has_nothing_of_it(processes: list[TrialProcess], tmp_path: Path):
    storage = (tmp_path / "storage").as_uri()
    first = _start(processes)
    first.begin(_job(tmp_path / "a", storage=storage))
    _epochs(first, last=4)
    first.process.kill()
    second = _start(processes)
    second.begin(_job(tmp_path / "b", storage=storage, reached=4))
    assert _epochs(second) == list(range(5, EPOCHS + 1))
    assert _worked(tmp_path / "b") == list(range(1, EPOCHS + 1))


def test_it_ends_with_whoever_started_it(tmp_path: Path):
    code = (
        "import sys, time; from pathlib import Path; from tests.search.test_trial_process import _job, TrialProcess\n"
        "process = TrialProcess('tests.search.stand_in', 'torch'); process.begin(_job(Path(sys.argv[1])))\n"
        "print(process.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert os.getpid() != child.pid
