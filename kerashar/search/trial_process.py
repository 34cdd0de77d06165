"""A trial's process, seen from whoever starts it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any


class TrialProcess:
    """Starts a worker that warms up by itself, gives it one job, and reads what it says.

    Args:
        objective: module that trains; see `kerashar.search.training_objective`.
        backend: backend that it imports.
        environment: variables besides those of this process.
    """

    def __init__(self, objective: str, backend: str, environment: dict[str, str] | None = None) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kerashar.search.worker", objective, backend],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        )

    def begin(self, job: dict[str, Any]) -> None:
        """Give it the job."""
        self._write(json.dumps(job))

    def go_on(self) -> None:
        """Let it train the next epoch."""
        self._write("on")

    def read(self) -> dict[str, Any]:
        """The next message; `{"died": how}` where the process is gone."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if line.endswith("\n"):
            return json.loads(line)
        code = self.process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return {"died": how}

    def end(self) -> None:
        """End the process now, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with suppress(BrokenPipeError):  # what a dead process was told last waits to be written
                    stream.close()

    def _write(self, line: str) -> None:
        try:
            if self.process.stdin:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
        except BrokenPipeError:
            return  # it died; `read` says so
