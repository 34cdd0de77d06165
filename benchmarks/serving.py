"""What `kerashar serve` adds to a model's time, and what it does when more is asked than it can do.

    OMP_NUM_THREADS=1 python benchmarks/serving.py --rounds 5 --seconds 3

The model is ModernTCN for windows of 128 samples of 9 channels. The reference is ONNX Runtime calling the exported
model in a plain loop; it and each form of request take turns, and a share is the median of the rounds' shares. The
reference and the server have the first core, the clients the second; the server is a process of its own. Then requests
come at twice the rate that was measured, whatever the server says. It needs Linux, for the cores.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import numpy as np

SHAPE, CLASSES = (128, 9), 6
CARD = {"rate": 50, "channels": [f"c{number}" for number in range(9)], "units": ["g"] * 9}
FORMS = (("JSON", 1, 64), ("binary", 1, 64), ("JSON", 32, 4), ("binary", 32, 4))  # windows in a request, and clients
WINDOWS, CLIENTS = 8, 96  # in a request of the overload, and how many may wait for an answer
MODEL_CORE, CLIENT_CORE = ({core} for core in sorted(os.sched_getaffinity(0))[:2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--backend", default="torch", help="of the server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_models(folder)
        reference = onnx_loop(f"{folder}/model.onnx")
        with server(f"{folder}/model.keras", options.backend) as port:
            measure_forms(port, reference, options.rounds, options.seconds)
            overload(port, options.seconds)


def write_models(folder: str) -> None:
    """The same model as model.keras and as model.onnx."""
    os.environ["KERAS_BACKEND"] = "torch"
    from kerashar.export import export_model
    from kerashar.models import InputCard, create_model, save_model

    model: Any = create_model("modern_tcn", SHAPE, CLASSES)
    names = tuple(f"activity {number}" for number in range(CLASSES))
    model.input_card = InputCard("window", names, SHAPE, 50.0, tuple(CARD["channels"]), tuple(CARD["units"]))
    save_model(model, f"{folder}/model.keras")
    export_model(f"{folder}/model.keras", f"{folder}/model.onnx")


def onnx_loop(path: str) -> Callable[[int, float], float]:
    """Windows per second of a plain loop with so many windows in a call."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, settings)
    name = session.get_inputs()[0].name

    def loop(count: int, seconds: float) -> float:
        os.sched_setaffinity(0, MODEL_CORE)
        signal = np.random.default_rng(0).normal(size=(count, *SHAPE)).astype("float32")
        session.run(None, {name: signal})
        began, calls = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            session.run(None, {name: signal})
            calls += 1
        os.sched_setaffinity(0, CLIENT_CORE)
        return calls * count / (time.perf_counter() - began)

    return loop


@contextmanager
def server(path: str, backend: str) -> Iterator[int]:
    command = [sys.executable, "-m", "kerashar.cli.main", "serve", path, "--port", "0", "--backend", backend]
    os.sched_setaffinity(0, MODEL_CORE)  # which the new process has from this one
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        os.sched_setaffinity(0, CLIENT_CORE)
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield int(line.rpartition(":")[2])
        finally:
            process.terminate()


class Client:
    """One connection that is kept, and the request that it repeats."""

    def __init__(self, port: int, form: str, count: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        signal = np.random.default_rng(1).normal(size=(count, *SHAPE)).astype("float32")
        kind = {"JSON": "json", "binary": "octet-stream"}[form]
        self.headers = {"Content-Type": f"application/{kind}"}
        self.path, self.body = "/v1/predict", signal.tobytes()
        if form == "JSON":
            self.body = json.dumps({"windows": signal.round(4).astype(float).tolist(), **CARD}).encode()
        else:
            self.path += "?" + urlencode(CARD, doseq=True)
        self.connection.connect()

    def ask(self) -> int:
        self.connection.request("POST", self.path, self.body, self.headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


def measure_forms(port: int, reference: Callable[[int, float], float], rounds: int, seconds: float) -> None:
    plain: dict[int, list[float]] = {}
    rates: dict[Any, list[float]] = {form: [] for form in FORMS}
    shares: dict[Any, list[float]] = {form: [] for form in FORMS}
    times: dict[Any, list[float]] = {form: [] for form in FORMS}
    for _ in range(rounds):
        now = {count: reference(count, seconds) for count in (1, 32)}
        for count, rate in now.items():
            plain.setdefault(count, []).append(rate)
        for form in FORMS:
            name, count, clients = form
            taken = together([Client(port, name, count) for _ in range(clients)], seconds)
            rates[form].append(len(taken) * count / seconds)
            shares[form].append(rates[form][-1] / now[count])
            times[form] += taken
    print(f"{'way':44} {'windows/s':>9} {'share':>6} {'p50 ms':>7} {'p99 ms':>7}")
    for count, found in plain.items():
        print(f"ONNX Runtime in a loop, {count:2} windows in a call{'':6} {statistics.median(found):>9.0f}")
    for form in FORMS:
        name, count, clients = form
        p50, p99 = np.percentile(times[form], (50, 99)) * 1e3
        way = f"server, {name}, {count} in a request, {clients} clients"
        share = f"{statistics.median(shares[form]):.0%}"
        print(f"{way:44} {statistics.median(rates[form]):>9.0f} {share:>6} {p50:>7.0f} {p99:>7.0f}")


def together(clients: list[Client], seconds: float) -> list[float]:
    """Seconds that each request took, of clients that ask again as soon as they have an answer."""
    taken: list[float] = []
    until = time.perf_counter() + seconds

    def work(client: Client) -> None:
        while (began := time.perf_counter()) < until:
            if client.ask() == 200:
                taken.append(time.perf_counter() - began)

    run_all([lambda client=client: work(client) for client in clients])
    return taken


def overload(port: int, seconds: float) -> None:
    """Twice as many requests as the server can do, at even times."""
    capacity = len(together([Client(port, "binary", WINDOWS) for _ in range(16)], seconds)) / seconds
    every, total = 1 / (2 * capacity), int(4 * seconds * capacity)
    numbers, answered = itertools.count(), []
    before, began = windows_of(port), time.perf_counter() + 0.1

    def work(client: Client) -> None:
        while (number := next(numbers)) < total:
            due = began + number * every
            time.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            answered.append((client.ask(), time.perf_counter() - sent, sent - due))

    run_all(
        [lambda client=client: work(client) for client in [Client(port, "binary", WINDOWS) for _ in range(CLIENTS)]]
    )
    accepted = [taken for status, taken, _ in answered if status == 200]
    refused = [taken for status, taken, _ in answered if status == 503]
    print(f"overload: {total} requests of {WINDOWS} windows at {1 / every:.0f}/s, twice the {capacity:.0f}/s it can do")
    print(f"sent late by at most {max(late for *_, late in answered) * 1e3:.0f} ms")
    print(f"refused {len(refused) / total:.0%}, accepted and answered {len(accepted) / total:.0%}")
    print(f"neither: {total - len(refused) - len(accepted)}")
    through = windows_of(port) - before
    print(f"windows that went through the model: {through}, of accepted requests {len(accepted) * WINDOWS}")
    for name, found in (("refusals", refused), ("answers", accepted)):
        p50, p99 = np.percentile(found, (50, 99)) * 1e3
        print(f"{name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms")


def windows_of(port: int) -> int:
    """How many windows the server says have gone through its model."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return next(int(line.split()[1]) for line in lines if line.startswith("kerashar_windows_total"))


def run_all(functions: list[Callable[[], Any]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
