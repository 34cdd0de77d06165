"""The queue: what is taken in is answered, what is not is refused at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from kerashar.serving import ServedModel
from kerashar.serving.batcher import Batcher
from kerashar.serving.metrics import Metrics
from kerashar.serving.refused import RefusedError
from tests.serving.served import CARD, saved_model, serving, windows

pytestmark = pytest.mark.once


class HeldModel:
    """Doubles its samples, once it is let go."""

    def __init__(self):
        self.sizes, self.go, self.began = [], threading.Event(), threading.Event()

    def __call__(self, samples):
        self.began.set()
        assert self.go.wait(20)
        self.sizes.append(len(samples))
        return samples * 2


@pytest.fixture
def held():
    model = HeldModel()
    batcher = Batcher(model, batch=4, queue=12, metrics=Metrics())
    batcher.start()
    yield model, batcher
    model.go.set()
    batcher.close()


def test_what_waits_goes_through_the_model_together(held):
    model, batcher = held
    first = batcher.submit(np.array([[0.0]]))
    model.began.wait(20)
    later = [batcher.submit(np.full((count, 1), float(count))) for count in (1, 2, 6)]
    assert batcher.held == 10
    model.go.set()
    assert first.result(20).tolist() == [[0.0]]
    for count, future in zip((1, 2, 6), later, strict=True):
        assert future.result(20).tolist() == [[2.0 * count]] * count
    assert model.sizes == [1, 4, 4, 1]
    assert batcher.held == 0


def test_a_full_queue_refuses_and_keeps_its_word(held):
    model, batcher = held
    taken = [batcher.submit(np.full((4, 1), float(number))) for number in range(3)]
    assert batcher.full
    with pytest.raises(RefusedError, match="at most 0 samples") as refused:
        batcher.submit(np.zeros((1, 1)))
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "1"})
    threading.Timer(0.05, model.go.set).start()
    batcher.close()
    assert [future.result(0)[0, 0] for future in taken] == [0.0, 2.0, 4.0]
    with pytest.raises(RefusedError, match="while it stops"):
        batcher.submit(np.zeros((1, 1)))


def test_a_failure_reaches_its_requests_alone():
    def fail_at_nine(samples):
        if (samples == 9).any():
            raise ValueError("nine")
        return samples

    batcher = Batcher(fail_at_nine, batch=2, queue=50, metrics=Metrics())
    bad, good = batcher.submit(np.full((7, 1), 9.0)), batcher.submit(np.ones((3, 1)))
    gone = batcher.submit(np.ones((3, 1)))
    gone.cancel()
    batcher.start()
    with pytest.raises(ValueError, match="nine"):
        bad.result(20)
    assert good.result(20).tolist() == [[1.0]] * 3
    batcher.close()
    assert batcher.held == 0


def test_requests_beyond_the_queue_get_503_at_once(tmp_path):
    model = ServedModel(saved_model(tmp_path, hidden=4, levels=2), batch=2)
    run, held = model.logits, HeldModel()

    def slowly(samples):
        held(samples)
        return run(samples)

    model.logits = slowly
    with serving(model, queue=4) as address, ThreadPoolExecutor(8) as clients:

        def ask(_):
            body = {"windows": windows(1).tolist(), **CARD}
            return httpx.post(f"http://{address}/v1/predict", json=body, timeout=20)

        accepted = [clients.submit(ask, number) for number in range(4)]
        until = time.monotonic() + 20
        while "kerashar_queue_windows 4" not in httpx.get(f"http://{address}/metrics").text:
            assert time.monotonic() < until
        began = time.monotonic()
        refused = ask(0)
        assert time.monotonic() - began < 5  # the model is still held
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "Received: a request while it is full" in refused.json()["error"]
        held.go.set()
        assert [each.result().status_code for each in accepted] == [200] * 4
        assert ask(0).status_code == 200
        assert "kerashar_rejected_total 1" in httpx.get(f"http://{address}/metrics").text


def test_sigterm_answers_what_was_accepted(tmp_path):
    path = saved_model(tmp_path, hidden=4, levels=2)
    options = ("--port", "0", "--queue", "600", "--batch", "1")  # one by one: that takes a while
    command = [sys.executable, "-m", "kerashar.cli.main", "serve", str(path), *options]
    settings = {**os.environ, "KERAS_BACKEND": "torch"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings) as server:
        assert server.stdout
        address = server.stdout.readline().split()[-1]
        assert address.startswith("http://127.0.0.1:")
        with ThreadPoolExecutor(1) as clients:
            accepted = clients.submit(_predictions, address, windows(600))
            until = time.monotonic() + 20
            while "kerashar_queue_windows 600" not in httpx.get(f"{address}/metrics").text:
                assert time.monotonic() < until
                assert not accepted.done()
            server.send_signal(signal.SIGTERM)
            while _listens(address):
                assert time.monotonic() < until
            assert server.poll() is None  # new requests are refused while that one is on its way
            assert not accepted.done()
            assert len(accepted.result()) == 600
        assert server.wait(20) == 0


def _predictions(address, signals):
    headers = {"Content-Type": "application/octet-stream"}
    body = signals.tobytes()
    return httpx.post(f"{address}/v1/predict", content=body, params=CARD, headers=headers, timeout=60).json()[
        "predictions"
    ]


def _listens(address):
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.TransportError:
        return False
