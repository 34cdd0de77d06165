"""The Slurm script, with programs that stand in for Slurm and start what they are given on this machine."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kerashar.search.cluster import LaunchPlan, launch_files

pytestmark = pytest.mark.once

# Each node is this machine; as machines of their own, workers have a folder for temporary files each.
SRUN = """#!/bin/bash
echo "srun $*" >> "$CALLS"
tasks=1
while [[ $1 == --* ]]; do case $1 in --ntasks=*) tasks=${1#*=} ;; esac; shift; done
[[ "$1 $2 $*" == "ray start "*" --address="* ]] && worker=yes
pids=()
trap 'kill -TERM "${pids[@]}"' TERM
for ((task = 0; task < tasks; task++)); do
    "$@" ${worker:+--temp-dir="$RAY_TMPDIR/$task"} & pids+=($!)
done
for pid in "${pids[@]}"; do
    while wait "$pid"; status=$?; [ "$status" -gt 128 ] && kill -0 "$pid" 2>/dev/null; do :; done
done
exit "$status"
"""
SCONTROL = """#!/bin/bash
echo "scontrol $*" >> "$CALLS"
if [ "$1" = show ]; then for node in $SLURM_JOB_NODELIST; do echo "$node"; done; fi
"""
# In the place of the search: it waits for all nodes, lets each do something, and tells what it saw.
DRIVER = f"""#!{sys.executable}
import json, os, sys, time
import ray
from kerashar.search.cluster import check_address
check_address("auto")
ray.init(sys.argv[sys.argv.index("--address") + 1], log_to_driver=False)
end = time.monotonic() + 30
while ray.cluster_resources().get("CPU", 0) < 3 and time.monotonic() < end:
    time.sleep(0.1)
node = ray.remote(num_cpus=1)(lambda: time.sleep(0.5) or ray.get_runtime_context().get_node_id())
nodes = ray.get([node.remote() for _ in range(3)])
print("SAW", json.dumps({{"nodes": len(set(nodes)), "token": len(os.environ["RAY_AUTH_TOKEN"])}}), flush=True)
sys.exit(7)
"""
WAITING_DRIVER = """#!/bin/bash
trap 'echo "kerashar ended" >> "$CALLS"; exit 143' TERM
echo "kerashar $*" >> "$CALLS"
while :; do sleep 0.1; done
"""
# A node of Ray as far as the script can tell: it listens where the head does, until it is told to end.
RAY = f"""#!{sys.executable}
import os, signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: (open(os.environ["CALLS"], "a").write("ray ended\\n"), sys.exit(0)))
ports = [each for each in sys.argv if each.startswith("--port=")]
open(os.environ["CALLS"], "a").write("ray began\\n")
listening = socket.create_server(("", int(ports[0].removeprefix("--port=")))) if ports else None
while True:
    signal.pause()
"""


def address() -> str:
    """An address of this machine, its own network's where it has one."""
    found = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return str(min(found))


@pytest.fixture
def start(tmp_path: Path):
    """Starts the script with the given programs; afterwards ends whatever is left of it."""
    started: list[subprocess.Popen] = []
    plan = LaunchPlan("modern_tcn", "watch", str(tmp_path / "shared"), nodes=3, cpus=1, trials=5)
    (script,) = launch_files("slurm", plan, tmp_path)
    job = os.getpid() % 100000
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RAY_")},
        "PATH": f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "SLURM_JOB_ID": str(job),
        "SLURM_JOB_NODELIST": " ".join([address()] * 3),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }

    def run(**programs: str) -> subprocess.Popen:
        (tmp_path / "bin").mkdir()
        for name, text in {"srun": SRUN, "scontrol": SCONTROL, **programs}.items():
            (tmp_path / "bin" / name).write_text(text)
            (tmp_path / "bin" / name).chmod(0o755)
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(["bash", script], env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.communicate()
    shutil.rmtree(f"/tmp/ray-{job}", ignore_errors=True)


def calls(folder: Path) -> list[str]:
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def wait_until_it_runs(folder: Path) -> None:
    end = time.monotonic() + 30
    while calls(folder).count("ray began") < 3 or not any(each.startswith("kerashar search") for each in calls(folder)):
        assert time.monotonic() < end, calls(folder)
        time.sleep(0.05)


def test_a_job_makes_a_cluster_runs_the_search_on_it_and_leaves_nothing(start, tmp_path: Path):
    process = start(kerashar=DRIVER)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 7, output + errors  # that of the search
    assert 'SAW {"nodes": 3, "token": 64}' in output
    (tmp_folder,) = {each.split()[-1] for each in calls(tmp_path) if " rm -rf " in each}
    assert not Path(tmp_folder).exists()
    left = [each.cmdline() for each in psutil.process_iter() if any(tmp_folder in part for part in _command(each))]
    assert left == []
    sessions = [each for each in calls(tmp_path) if "ray start" in each]
    assert len(sessions) == 2
    assert "--include-dashboard=false" in sessions[0]
    assert "token" not in "".join(calls(tmp_path))  # a command line is there for all to read


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # ended meanwhile
        return []


def test_before_its_time_is_up_a_job_ends_in_order_and_goes_back_to_the_queue(start, tmp_path: Path):
    process = start(kerashar=WAITING_DRIVER, ray=RAY)
    wait_until_it_runs(tmp_path)
    process.send_signal(signal.SIGUSR1)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    order = [each.split(" --")[0] for each in calls(tmp_path)]
    ends = order[order.index("kerashar ended") :]
    assert ends[:4] == ["kerashar ended", "ray ended", "ray ended", "ray ended"]
    assert ends[-1] == f"scontrol requeue {os.getpid() % 100000}"


def test_a_cancelled_job_ends_in_order_and_stays_ended(start, tmp_path: Path):
    process = start(kerashar=WAITING_DRIVER, ray=RAY)
    wait_until_it_runs(tmp_path)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert calls(tmp_path).count("ray ended") == 3
    assert not any("requeue" in each for each in calls(tmp_path))


def test_a_head_that_does_not_start_ends_the_job(start, tmp_path: Path):
    process = start(kerashar=WAITING_DRIVER, ray="#!/bin/bash\nexit 1\n")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "did not start" in errors
    assert not any(each.startswith("kerashar") for each in calls(tmp_path))
