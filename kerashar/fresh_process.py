"""Work for a fresh process, which others' leftovers in memory and caches can't touch."""

import json
import os
import signal
import subprocess
import sys
from typing import Any


class DiedError(RuntimeError):
    """The process ended without an answer; its text is the signal's name, or the last line of its errors."""


def answer_apart(module: str, job: Any, **environment: str) -> Any:
    """Give a module a job on its standard input, as a line of JSON, and read the last line that it prints.

    Args:
        module: run as `python -m`, with what this process can import.
        job: plain data.
        **environment: variables that are set beside those of this process.

    Raises:
        DiedError: the process was killed or failed.
    """
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(job) + "\n",
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        killed = signal.Signals(-done.returncode).name if done.returncode < 0 else None
        raise DiedError(killed or (done.stderr.strip().splitlines() or ["no message"])[-1])
    return json.loads(done.stdout.splitlines()[-1])
