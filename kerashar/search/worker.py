"""The process of one trial: `python -m kerashar.search.worker OBJECTIVE BACKEND`.

It imports what the objective needs, waits for a job on its standard input, runs it, and ends. Started ahead of need it
has the slow part behind it when the job comes. Jobs and reports are lines of JSON; what libraries print goes to the
trial's log. When whoever started it goes away, so does it.
"""

import json
import os
import queue
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from kerashar.search.journal import own_journal, stored_trial, trial_folder

PATIENCE = 120.0  # seconds for a predecessor's process to leave the trial's folder


class Reports:
    """How an objective tells of its epochs.

    Args:
        job: of the trial.
        send: writes a message to whoever started this process.
        answers: their lines; one follows each report.
    """

    def __init__(self, job: dict[str, Any], send: Any, answers: "queue.Queue[str]") -> None:
        self.job = job
        self.send = send
        self.answers = answers
        self.journal = own_journal(Path(job["folder"]), job["trial"])
        own = (event for event in self.journal.read() if event["generation"] == job["generation"])
        self.written = max((event["epoch"] for event in own), default=0)

    def measured(self, **measures: float) -> None:
        """Tell what was measured of the model, before its first epoch."""
        self.send({"measured": measures})

    def epoch(self, epoch: int, figures: dict[str, Any]) -> None:
        """Note an epoch in the trial's own journal, tell of it, and wait to be told to go on."""
        report = {"generation": self.job["generation"], "epoch": epoch, **figures}
        if epoch > self.written:
            self.journal.append("report", trial=self.job["trial"], **report)
            self.written = epoch
            self.keep()
        if epoch > self.job["reached"]:
            self.send({"report": report})
            self.answers.get()

    def keep(self) -> None:
        """Copy the trial's folder to where other nodes find it, if they don't share this one."""
        if self.job["storage"]:
            from kerashar.search.cluster.storage import push

            push(self.journal.path.parent, stored_trial(self.job["storage"], self.job["trial"]))


def main() -> None:
    """Warm up, take the job, run it."""
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(message: dict[str, Any]) -> None:
        protocol.write(json.dumps(message) + "\n")
        protocol.flush()

    answers: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin, answers), daemon=True).start()
    try:
        objective = import_module(sys.argv[1])
        objective.warm(sys.argv[2])
        send({"ready": True})
        job = json.loads(answers.get())
        folder = trial_folder(Path(job["folder"]), job["trial"])
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock"), timeout=PATIENCE):
            if job["storage"]:
                from kerashar.search.cluster.storage import pull

                pull(stored_trial(job["storage"], job["trial"]), folder)
            folder.mkdir(exist_ok=True)
            log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for stream in (sys.stdout, sys.stderr):
                os.dup2(log, stream.fileno())
            reports = Reports(job, send, answers)
            objective.run(job, reports)
            reports.keep()
        send({"done": True})
    except Exception as error:  # noqa: BLE001 (told to whoever started this process)
        send({"failed": traceback.format_exc(), "out_of_memory": _is_out_of_memory(error)})


def _listen(source: IO[str], answers: "queue.Queue[str]") -> None:
    for line in source:
        answers.put(line)
    os._exit(0)  # nobody is left to report to; a checkpoint is never written in place


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether the error is one by which a backend says that memory is short."""
    names = {each.__name__ for each in type(error).__mro__}
    return bool(names & {"MemoryError", "OutOfMemoryError", "ResourceExhaustedError"}) or any(
        sign in str(error) for sign in ("RESOURCE_EXHAUSTED", "out of memory", "can't allocate memory")
    )


if __name__ == "__main__":
    main()
