"""Predictions over HTTP: what fits is answered as the model answers, and what doesn't is refused in words."""

import io
import json
import socket
import time
from http.client import HTTPConnection

import httpx
import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from kerashar.models import load_model
from kerashar.serving import ServedModel
from kerashar.serving import body_reader as reading
from tests.serving.served import CARD, CLASSES, saved_image_model, saved_model, serving, windows
from tests.support import run


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return saved_model(tmp_path_factory.mktemp("model"), hidden=4, levels=2)


@pytest.fixture(scope="module")
def address(path):
    with serving(ServedModel(path, batch=8), queue=16) as address:
        yield address


def post(address, **settings):
    return httpx.post(f"http://{address}/v1/predict", **settings)


def expect_refusal(answer, status, *words):
    assert answer.status_code == status, answer.text
    message = answer.json()["error"]
    assert "Traceback" not in answer.text
    for word in ("Expected", "Received", *words):
        assert word in message


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=array.dtype == object)
    return file.getvalue()


def binary(address, content, kind="application/x-npy", **changes):
    return post(address, content=content, params={**CARD, **changes}, headers={"Content-Type": kind})


def test_all_forms_get_what_the_model_says(address, path):
    signal = windows(11)  # more than a batch, and no power of two
    shares = softmax(run(load_model(path), signal), axis=-1)
    forms = (
        post(address, json={"windows": signal.tolist(), **CARD, "top": 3}),
        binary(address, npy(signal), top=3),
        binary(address, npy(np.asfortranarray(signal.astype("float64"))), top=3),
        binary(address, signal.tobytes(), "application/octet-stream", top=3),
    )
    for answer in forms:
        assert answer.status_code == 200, answer.text
        predictions = answer.json()["predictions"]
        assert [each["label"] for each in predictions] == [CLASSES[row] for row in shares.argmax(axis=1)]
        told = [[each["top"][name] for name in CLASSES] for each in predictions]
        np.testing.assert_allclose(told, shares, atol=2e-5)
        np.testing.assert_allclose([each["confidence"] for each in predictions], shares.max(axis=1), atol=2e-5)
    assert "top" not in post(address, json={"windows": signal[:1].tolist(), **CARD}).json()["predictions"][0]


@pytest.mark.once
def test_what_the_server_says_of_itself(address, path):
    said = httpx.get(f"http://{address}/v1/model").json()
    assert said["card"]["channels"] == ["x", "y"]
    assert (said["input_shape"], said["classes"], said["exact_streams"]) == ([32, 2], list(CLASSES), True)
    assert len(said["sha256"]) == 64
    assert httpx.get(f"http://{address}/healthz").json() == {"status": "ok"}
    before, after = (_figures(address, posts) for posts in (0, 2))
    for name, more in (
        ("windows_total", 6),
        ('requests_total{status="200"}', 3),
        ("predict_seconds_count", 2),
        ('predict_seconds_bucket{le="+Inf"}', 2),
    ):
        assert after[f"kerashar_{name}"] == before.get(f"kerashar_{name}", 0) + more
    assert after["kerashar_queue_windows"] == 0


def _figures(address, posts):
    for _ in range(posts):
        binary(address, npy(windows(3)))
    lines = httpx.get(f"http://{address}/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"channels": ["y", "x"]}, 422, ["channels ('y', 'x') in place of ('x', 'y')"]),
        ({"rate": 50}, 422, ["rate 50.0 in place of 32.0"]),
        ({"units": ["m/s2", "g"]}, 422, ["units"]),
        ({"units": ["g"]}, 422, ["2 channels, 1 units"]),
        ({"rate": None}, 422, ["rate=None"]),
        ({"windows": [[[1, 2]] * 31]}, 422, ["shape=(1, 31, 2)"]),
        ({"windows": [[[1, 2]] * 32, [[1]]]}, 422, ["equal lengths"]),
        ({"windows": [[["1", "2"]] * 32]}, 422, ["numbers"]),
        ({"windows": [[[True, False]] * 32]}, 422, ["numbers"]),
        ({"windows": []}, 422, ["1 to 16 windows"]),
        ({"windows": [[[0, 0]] * 32] * 17}, 422, ["1 to 16 windows"]),
        ({"windows": [[[float("nan"), 0]] * 32]}, 422, ["NaN"]),
        ({"windows": [[[1e60, 0]] * 32]}, 422, ["infinity"]),
        ({"windows": [[[10**400, 0]] * 32]}, 422, []),
        ({"top": 0}, 422, ["from 1 to 3"]),
        ({"chanels": ["x"]}, 422, ["Did you mean 'channels'"]),
    ],
)
def test_json_that_does_not_fit(address, changes, status, words):
    body = json.dumps({"windows": windows(1).tolist(), **CARD, **changes})
    expect_refusal(post(address, content=body, headers={"Content-Type": "application/json"}), status, *words)


@pytest.mark.once
def test_bodies_that_do_not_fit(address):
    good = windows(1)
    for wrong, words in (
        (good.astype("float16"), ["float16"]),
        (good.astype(">f4"), [">f4"]),
        (np.array([{}], dtype=object), ["object"]),
        (np.full_like(good, np.inf), ["infinity"]),
        (good[:, :, :1], ["shape=(1, 32, 1)"]),
    ):
        expect_refusal(binary(address, npy(wrong)), 422, *words)
    shapes = ("(99999999, 2)", "(-1, -32, 2)", "(1, 32, 2", "[" * 12, "(10**9, 2)")
    end = b"(1, 32, 2), }" + b" " * 5
    headers = [npy(good).replace(end, f"{shape}, }}".encode().ljust(len(end))) for shape in shapes]
    assert npy(good) not in headers
    for content in (*headers, npy(good)[:-1], b"\x93NUMPY\x09\x00", b"", b"PK\x03\x04"):
        expect_refusal(binary(address, content), 422)
    expect_refusal(binary(address, good.tobytes()[:-1], "application/octet-stream"), 422, "255 bytes")
    expect_refusal(binary(address, npy(good), rate="fast"), 422, "'fast'")
    expect_refusal(binary(address, npy(good), channels=["y", "x"]), 422, "('y', 'x')")
    for content in (b"{", b"[1]", b"[" * 100_000, b"\xff"):
        expect_refusal(binary(address, content, "application/json"), 400, "JSON")
    expect_refusal(binary(address, npy(good), "text/plain"), 415, "text/plain")
    expect_refusal(binary(address, npy(good), "image/png"), 415)
    expect_refusal(post(address, content=b"x", headers={"Content-Encoding": "gzip"}), 415)
    expect_refusal(httpx.get(f"http://{address}/v1/predict"), 405)
    expect_refusal(httpx.get(f"http://{address}/docs"), 404)


@pytest.mark.once
def test_a_body_that_is_too_long_is_refused_while_it_comes(address, monkeypatch):
    head = f"POST /v1/predict HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
    name, _, port = address.partition(":")

    def send(text):
        client = socket.create_connection((name, int(port)), timeout=10)
        client.sendall(f"{head}{text}".encode())
        return client

    monkeypatch.setattr(reading, "MAX_BYTES", 100_000)
    with send("Content-Length: 100001\r\n\r\n") as client:
        answer = _all_of(client)
        assert b" 413 " in answer.splitlines()[0]
        assert answer.endswith(b'{"error":"Expected a body of at most 100000 bytes. Received: 100001."}')
    with send("Transfer-Encoding: chunked\r\n\r\n") as client:  # an end never comes
        sent = _sent_until_closed(client, b"2710\r\n" + b" " * 10_000 + b"\r\n", 5000)
    assert sent < 2000  # what the buffers of both sides hold
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.05)
    with send("Content-Length: 10\r\n\r\n123") as client:
        assert b" 408 " in _all_of(client).splitlines()[0]
    monkeypatch.setattr(reading, "BODY_SECONDS", 30.0)
    monkeypatch.setattr(reading, "MOST_BYTES", 1)
    answer = binary(address, npy(windows(1)))
    expect_refusal(answer, 503, "all requests at once")
    assert answer.headers["retry-after"] == "1"
    monkeypatch.undo()
    assert binary(address, npy(windows(1))).status_code == 200


def _all_of(client):
    return b"".join(iter(lambda: client.recv(10_000), b""))


def _sent_until_closed(client, chunk, most):
    for count in range(most):
        try:
            client.sendall(chunk)
        except ConnectionError:
            return count
    return most


@pytest.mark.once
def test_answers_do_not_wait_for_acknowledgements(address):
    connection, seconds = HTTPConnection(address), []
    for _ in range(30):
        began = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - began)
    connection.close()
    assert min(seconds[20:]) < 0.035  # a delayed acknowledgement comes after 40 ms


@pytest.mark.once
def test_images(tmp_path):
    def file(colour, kind):
        content = io.BytesIO()
        Image.new("RGB", (60, 40), colour).save(content, kind)
        return content.getvalue()

    def labels(answer):
        return [each["label"] for each in answer.json()["predictions"]]

    with serving(ServedModel(saved_image_model(tmp_path), batch=2), queue=4) as address:
        for colour, kind in (("red", "PNG"), ("blue", "JPEG")):
            headers = {"Content-Type": f"image/{kind.lower()}"}
            assert labels(post(address, content=file(colour, kind), headers=headers)) == [colour]
        pixels = np.zeros((2, 4, 6, 3), "uint8")
        pixels[..., 1] = 200
        assert labels(post(address, json={"images": pixels.tolist()})) == ["green", "green"]
        headers = {"Content-Type": "application/x-npy"}
        assert labels(post(address, content=npy(pixels), headers=headers)) == ["green", "green"]
        expect_refusal(post(address, json={"images": (pixels + 0.5 - 1).tolist()}), 422, "0 to 255")
        expect_refusal(post(address, content=b"GIF89a", headers={"Content-Type": "image/png"}), 422, "PNG or JPEG")


@pytest.mark.once
def test_models_that_are_not_served(tmp_path):
    from kerashar.models import create_model, save_model

    save_model(create_model("tcn", (32, 2), 3, hidden=4, levels=2), tmp_path / "bare.keras")
    with pytest.raises(ValueError, match="says what it takes"):
        ServedModel(tmp_path / "bare.keras")
