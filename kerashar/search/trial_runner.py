"""What Ray Tune runs: it passes a trial's job to a process of its own, and its reports on."""

import json
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ray
from ray import tune

from kerashar.search.shared_windows import store_once
from kerashar.search.trial_process import TrialProcess

DEFAULT_BATCH = 64  # of a recipe
MOST_DEATHS = 2  # of a trial's process without a new epoch in between, before the trial counts as failed


class TrialRunner(tune.Trainable):
    """Runs one trial after the other, each in a process that nothing else has used.

    While a trial runs, the process of the next one imports Keras and the backend already. Ray keeps this actor for
    trial after trial, which costs nothing: it holds no Keras. If it is killed, the trial's process ends with it.
    """

    def setup(self, config: dict[str, Any], **search: Any) -> None:
        """Take the job.

        Args:
            config: the trial's job.
            search: `name`; `objective`, its module; `arguments`, what it is told besides; `folder`, the search's, and
                `storage`, where trials are kept besides; `sides`, the windows or None; `gpus` of a trial; what
                becomes of one that is `out_of_memory`; `more`, whether to warm up the next process.
        """
        self.search = search
        self.spares: dict[str, TrialProcess] = {}
        self.windows = None
        if search["sides"] is not None:
            self.windows = store_once(search["sides"], node_folder(search["name"]))
        self._begin(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.process.end()
        self._begin(new_config)
        return True

    def step(self) -> dict[str, Any]:
        """The trial's next message; as text, because Ray would flatten it. The first one says who trains it."""
        if not self.told:
            self.told = True
            return {"message": json.dumps({"began": {"node": platform.node(), "worker": os.getpid()}}), "done": False}
        if self.reported:
            self.process.go_on()
        message = self._next_message()
        self.reported = "report" in message
        return {"message": json.dumps(message), "done": "failed" in message or "done" in message}

    def _next_message(self) -> dict[str, Any]:
        while True:
            message = self.process.read()
            if message.get("out_of_memory"):
                return self._out_of_memory(message["failed"])
            if "died" in message:
                if message["died"] == "SIGKILL" and _oom_kills() > self.oom_kills:
                    return self._out_of_memory("the system ended the trial's process: no memory was left")
                self.deaths += 1
                if self.deaths > MOST_DEATHS:
                    return {"failed": f"the trial's process died {self.deaths} times in an epoch: {message['died']}"}
                self._start()
            elif "ready" not in message:
                self._note_progress(message)
                return message

    def cleanup(self) -> None:
        for process in (self.process, *self.spares.values()):
            process.end()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: a trial's process keeps its own checkpoint in the search's folder."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing, likewise."""

    def _begin(self, job: dict[str, Any]) -> None:
        self.job = job
        self.deaths = self.furthest = 0
        self.told = False
        self._start()

    def _start(self) -> None:
        self.reported = False
        self.oom_kills = _oom_kills()
        backend = self.job["settings"]["backend"]
        self.process = self.spares.pop(backend, None) or self._new_process(backend)
        windows = None if self.windows is None else str(self.windows)
        told = {**{name: self.search[name] for name in ("folder", "storage", "arguments")}, "windows": windows}
        self.process.begin({**self.job, **told})
        if self.search["more"] and backend not in self.spares:
            self.spares[backend] = self._new_process(backend)

    def _note_progress(self, message: dict[str, Any]) -> None:
        """A new epoch clears the trial of its deaths so far; those that it finds in its checkpoint don't."""
        epoch = message["report"]["epoch"] if "report" in message else 0
        if epoch > self.furthest:
            self.furthest, self.deaths = epoch, 0

    def _new_process(self, backend: str) -> TrialProcess:
        return TrialProcess(self.search["objective"], backend, _share_of_gpu(self.search["gpus"]))

    def _out_of_memory(self, reason: str) -> dict[str, Any]:
        """Start the trial again with half the batch, or end it."""
        settings = self.job["settings"]
        batch = settings.get("training.batch_size", DEFAULT_BATCH)
        if self.search["out_of_memory"] == "record" or batch < 2:
            return {"failed": f"out of memory: {reason}"}
        smaller = {"training.batch_size": batch // 2, "training.accumulate": 2 * settings.get("training.accumulate", 1)}
        self.job = {**self.job, "settings": {**settings, **smaller}}
        self._start()
        return {"resized": self.job["settings"]}


def node_folder(search: str) -> Path:
    """Where a node keeps the windows of a search: a folder of this user's alone."""
    if os.name == "nt":  # its temporary folder is the user's own
        return Path(tempfile.gettempdir()) / "kerashar" / search
    user = Path(tempfile.gettempdir()) / f"kerashar-{os.getuid()}"
    user.mkdir(mode=0o700, exist_ok=True)
    if user.stat().st_uid != os.getuid():
        raise ValueError(f"Expected {user} to belong to user {os.getuid()}. Received: another's folder; remove it.")
    return user / search


def clear_nodes(search: str) -> None:
    """Delete the search's windows from all nodes that are left."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def clear() -> None:
        shutil.rmtree(node_folder(search), ignore_errors=True)

    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
    task = ray.remote(num_cpus=0)(clear)
    strategies = [NodeAffinitySchedulingStrategy(node, soft=True) for node in nodes]
    ray.get([task.options(scheduling_strategy=strategy).remote() for strategy in strategies])


def _share_of_gpu(gpus: float) -> dict[str, str]:
    """What keeps a backend from taking a whole GPU that it shares; JAX would take three quarters at once."""
    if not 0 < gpus < 1:
        return {}
    return {"XLA_PYTHON_CLIENT_MEM_FRACTION": f"{0.9 * gpus:.3f}", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def _oom_kills() -> int:
    """How many processes the system has ended in this container because memory was short; 0 where it doesn't say."""
    path = Path("/sys/fs/cgroup/memory.events")
    if not path.exists():
        return 0
    figures = dict(line.split() for line in path.read_text().splitlines())
    return int(figures.get("oom_kill", 0))
