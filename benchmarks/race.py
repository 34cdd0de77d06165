"""What benchmarks of whole networks share: contenders in processes of their own that take turns.

All feel the same machine then, and a figure is the fastest of its rounds: where threads happen to share a core, a round
takes twice as long. Ours trains by `fit` and predicts by `predict`, as users do; PyTorch's loop is written by hand.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BACKENDS = ("torch", "jax", "tensorflow")
Step = dict[str, Callable[[], Any]]  # "train" and "predict": each runs all steps of a round


# === What a contender does in a round ===


def ours(backend: str, name: str, samples: np.ndarray, labels: np.ndarray, batch: int) -> Step:
    """A network of kerashar with its defaults."""
    from kerashar.choose_backend import choose_backend

    choose_backend(backend)
    from kerashar import create_model
    from kerashar.backend import jit_compile
    from kerashar.optimizers import AdamW

    model = create_model(name, samples.shape[1:], int(labels.max()) + 1)
    return keras_steps(model, samples, labels, batch, jit_compile(), AdamW(1e-3))


def keras_steps(
    model: Any, samples: np.ndarray, labels: np.ndarray, batch: int, jit_compile: bool | str, optimizer: Any = None
) -> Step:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or keras.optimizers.AdamW(1e-3), loss, jit_compile=jit_compile)
    return {
        "train": lambda: model.fit(samples, labels, batch_size=batch, verbose=0),
        "predict": lambda: model.predict(samples, batch_size=batch, verbose=0),
    }


def pytorch_steps(network: Any, samples: np.ndarray, labels: np.ndarray, batch: int, compiled: bool = False) -> Step:
    import torch

    batches = list(zip(torch.from_numpy(samples).split(batch), torch.from_numpy(labels).split(batch), strict=True))
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    forward = torch.compile(network) if compiled else network

    def train() -> None:
        network.train()
        for sample, label in batches:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(forward(sample), label).backward()
            optimizer.step()

    def predict() -> None:
        network.eval()
        with torch.inference_mode():
            for sample, _ in batches:
                forward(sample)

    return {"train": train, "predict": predict}


# === Contenders and their turns ===


def work(steps: Step, count: int, clock: Callable[[], float]) -> None:
    """Answer each action on standard input with its milliseconds for one step and the most memory so far in MiB."""
    for action in map(str.strip, sys.stdin):
        began = clock()
        steps[action]()
        took = 1e3 * (clock() - began) / count
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([took, memory]), file=sys.__stdout__, flush=True)


def serve(steps_of: Callable[[str, dict[str, Any]], Step], contender: str, workload: str) -> None:
    """Be the process of one contender; what networks print goes to standard error.

    With `one_core` in the workload it keeps to one core and counts that core's time, which other work doesn't lengthen.
    """
    settings = json.loads(workload)
    clock = time.perf_counter
    if settings.get("one_core"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        os.environ["OMP_NUM_THREADS"] = "1"
        clock = time.process_time
    with contextlib.redirect_stdout(sys.stderr):
        work(steps_of(contender, settings), settings["steps"], clock)


class Contender:
    """A process that takes its turns when it is asked: the script that runs now, with `--worker`."""

    def __init__(self, name: str, **workload: Any) -> None:
        command = [sys.executable, "-W", "ignore", sys.argv[0], "--worker", name, json.dumps(workload)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, **pipes)
        self.times: dict[str, list[float]] = {"train": [], "predict": []}
        self.memory = 0.0

    def take_turn(self, action: str, count: bool = True) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(action + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(self.process.stderr.read().strip().splitlines()[-1])
        self.process.send_signal(signal.SIGSTOP)  # some thread pools spin for a while when they have nothing to do
        took, self.memory = json.loads(answer)
        if count:
            self.times[action].append(took)

    def fastest(self, action: str) -> float:
        return min(self.times[action])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.communicate()


def race(names: list[str], rounds: int, **workload: Any) -> dict[str, Contender]:
    """Let all contenders take turns; those that can't start are named and left out."""
    contenders = {}
    for name in names:
        contender = Contender(name, **workload)
        try:
            for action in ("train", "train", "predict", "predict"):  # compiles, and warms up
                contender.take_turn(action, count=False)
        except RuntimeError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
            continue
        contenders[name] = contender
    for _ in range(rounds):
        for action in ("train", "predict"):
            for contender in contenders.values():
                contender.take_turn(action)
    for contender in contenders.values():
        contender.stop()
    return contenders
