"""Streams over WebSockets: exact for causal models, by windows for others."""

import json

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from kerashar.inference import RunningDecision, Stream
from kerashar.models import load_model
from kerashar.serving import ServedModel
from kerashar.serving import app as serving_app
from kerashar.serving import stream_socket as sockets
from tests.packaging.test_readme import python_blocks, run_script
from tests.serving.served import CARD, CLASSES, RATE, TIME, saved_image_model, saved_model, serving
from tests.streams import feed
from tests.support import random_signal, run


@pytest.fixture(scope="module")
def causal(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("causal"), hidden=4, levels=2)


@pytest.fixture(scope="module")
def address(causal):
    with serving(ServedModel(causal, batch=1)) as address:
        yield address


def greet(client, **changes):
    client.send(json.dumps({**CARD, **changes}))
    return json.loads(client.recv(20))


def ask(client, samples):
    client.send(samples if isinstance(samples, bytes | str) else samples.astype("<f4").tobytes())
    return json.loads(client.recv(20))


def pooled(logits, length):
    decision = RunningDecision(length=length)
    shares, _ = decision.step(logits[None], decision.initial_state(len(CLASSES)))
    return shares[0]


def check_answer(answer, shares, seconds):
    assert answer["seconds"] == pytest.approx(seconds)
    assert answer["label"] == CLASSES[shares.argmax()]
    np.testing.assert_allclose([answer["top"][name] for name in CLASSES], shares, atol=1e-4)


def test_a_causal_model_decides_at_every_sample(address, causal):
    signal, chunks = random_signal(1, 70, 2)[0], (1, 7, 1, 61)
    logits, _ = feed(Stream(load_model(causal)), signal[None], chunks)
    shares = pooled(logits[0], length=round(RATE))
    with connect(f"ws://{address}/v1/stream") as client:
        ready = greet(client, name="left wrist")
        assert (ready["exact"], ready["classes"]) == (True, list(CLASSES))
        for number, end in enumerate(np.cumsum(chunks)):
            part = signal[end - chunks[number] : end]
            answer = ask(client, json.dumps(part.tolist()) if number == 1 else part)
            check_answer(answer, shares[end - 1], end / RATE)


@pytest.mark.once
def test_another_model_decides_window_by_window(tmp_path):
    path = saved_model(tmp_path, "resnet1d", width=4)
    signal, hop = random_signal(1, 90, 2)[0], 16
    starts = range(0, 90 - TIME + 1, hop)
    shares = pooled(run(load_model(path), np.stack([signal[start : start + TIME] for start in starts])), length=2)
    with serving(ServedModel(path, batch=2)) as address, connect(f"ws://{address}/v1/stream") as client:
        ready = greet(client)
        assert (ready["exact"], ready["hop"]) == (False, hop)
        assert ask(client, signal[:31]) == {"seconds": 31 / RATE, "label": None, "confidence": None}
        check_answer(ask(client, signal[31:32]), shares[0], 1.0)
        check_answer(ask(client, signal[32:47]), shares[0], 47 / RATE)
        check_answer(ask(client, signal[47:]), shares[-1], 90 / RATE)


@pytest.mark.once
@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        ('{"rate": 50, "channels": ["x", "y"], "units": ["g", "g"]}', "rate 50.0 in place of 32.0"),
        ('{"rate": 32, "channels": ["y", "x"], "units": ["g", "g"]}', "channels"),
        ('{"rate": 32, "channels": ["x", "y"], "units": ["g", "g"], "hop": 1}', "'hop'"),
        ('{"rate": 32, "channels": "xy", "units": ["g", "g"]}', "lists of names"),
        ("[[1, 2]]", "JSON object"),
        ("hello", "a hello such as"),
        (b"\x00\x01", "a hello such as"),
    ],
)
def test_a_wrong_hello_ends_the_stream(address, hello, reason):
    with connect(f"ws://{address}/v1/stream") as client:
        client.send(hello)
        message = json.loads(client.recv(20))["error"]
        assert reason in message
        with pytest.raises(ConnectionClosed):
            client.recv(20)
        assert client.close_code == 1008
        assert client.close_reason
        assert message.startswith(client.close_reason)


@pytest.mark.once
def test_wrong_samples_are_left_out(address):
    signal = random_signal(1, 40, 2)[0]
    broken = signal[:3].copy()
    broken[1] = np.nan
    with connect(f"ws://{address}/v1/stream") as clean, connect(f"ws://{address}/v1/stream") as client:
        for each in (clean, client):
            greet(each)
        assert ask(client, signal[:20]) == ask(clean, signal[:20])
        for wrong, reason in (
            (broken, "NaN"),
            (b"123", "8 bytes for each sample"),
            ("[[1, 2], [3]]", "equal lengths"),
            ('[["a", "b"]]', "numbers"),
            ("[[1]]", "shape=(1, 1)"),
            ("[[1e60, 0]]", "infinity"),
            ("[", "nested lists"),
            (b"", "shape=(0, 2)"),
        ):
            error = ask(client, wrong)["error"]
            assert "Expected" in error
            assert reason in error
        assert ask(client, signal[20:]) == ask(clean, signal[20:])


@pytest.mark.once
def test_viewers_see_all_streams(address):
    signal = random_signal(1, 600, 2)[0]
    with connect(f"ws://{address}/v1/watch") as viewer:
        with connect(f"ws://{address}/v1/stream") as client:
            greet(client, name="ankle")
            answer = ask(client, signal)
            shown = json.loads(viewer.recv(20))
        ended = json.loads(viewer.recv(20))
    assert shown["name"] == "ankle"
    assert {name: shown[name] for name in answer} == answer
    assert len(shown["samples"]) == 200  # every third: no more than a screen has room for
    assert shown["step"] == 3 / RATE
    np.testing.assert_allclose(shown["samples"], signal[::3], atol=1e-4)
    assert ended == {"stream": shown["stream"], "name": "ankle", "ended": True}


@pytest.mark.once
def test_the_guide_to_serving(address, tmp_path):
    code = "".join(python_blocks("docs/serving.md"))
    output = run_script(code.replace("127.0.0.1:8000", address), tmp_path).splitlines()
    assert [line.split()[0] for line in output[:3]] == [output[-1].split()[1]] * 3  # zeros, all of them
    assert output[3:] == ["True", f"3.0 {output[0].split()[0]}"]


@pytest.mark.once
def test_limits_of_streams(address, tmp_path, monkeypatch):
    monkeypatch.setattr(sockets, "HELLO_SECONDS", 0.05)
    with connect(f"ws://{address}/v1/stream") as client:
        assert "hello within" in json.loads(client.recv(20))["error"]
    monkeypatch.setattr(sockets, "HELLO_SECONDS", 10.0)
    monkeypatch.setattr(sockets, "IDLE_SECONDS", 0.05)
    with connect(f"ws://{address}/v1/stream") as client:
        greet(client)
        assert "samples within" in json.loads(client.recv(20))["error"]
    with connect(f"ws://{address}/v1/stream") as client:
        with pytest.raises(ConnectionClosed):  # while it is still sent, or after
            ask(client, b"0" * 2**21)
        assert client.close_code == 1009
    monkeypatch.setattr(serving_app, "MOST_STREAMS", 0)
    with pytest.raises(InvalidStatus, match="429"):
        connect(f"ws://{address}/v1/stream")
    monkeypatch.setattr(serving_app, "MOST_STREAMS", 1)
    with (
        serving(ServedModel(saved_image_model(tmp_path), batch=1)) as images,
        pytest.raises(InvalidStatus, match="422"),
    ):
        connect(f"ws://{images}/v1/stream")
