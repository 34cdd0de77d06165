"""A stream of samples that comes by a WebSocket."""

import asyncio
import json
from typing import Any

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from kerashar.names import unknown_name
from kerashar.serving.activity_stream import ActivityStream
from kerashar.serving.float32_array import float32_array
from kerashar.serving.served_model import ServedModel
from kerashar.serving.viewers import Viewers

HELLO_SECONDS = 10.0  # within which a client has to say what it sends
IDLE_SECONDS = 300.0  # without samples, after which a stream is closed
_POINTS = 256  # that viewers get of one chunk at most
_REFUSED = 1008  # policy violation, as WebSockets call it
_LONGEST_REASON = 123  # bytes that a close frame has room for


async def run_stream(
    socket: WebSocket, stream: ActivityStream, model: ServedModel, viewers: Viewers, number: int
) -> None:
    """Answer each chunk of samples, and show it to the viewers, until the client goes."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            name = _greeted(await _message(socket), model)
    except TimeoutError:
        await _close(socket, f"Expected a hello within {HELLO_SECONDS:g} s. Received: nothing.")
        return
    except ValueError as error:
        await _close(socket, str(error))
        return
    said = {"ready": True, "model": model.model.name, "classes": model.card.class_names}
    await socket.send_json({**said, "exact": model.exact, "hop": stream.hop})
    try:
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await _message(socket)
            except TimeoutError:
                await _close(socket, f"Expected samples within {IDLE_SECONDS:g} s. Received: none.")
                return
            try:
                samples = _samples(message, stream.channels)
                answer = await stream.take(samples)
            except ValueError as error:
                await socket.send_json({"error": str(error)})
                continue
            if viewers:
                step = -(-len(samples) // _POINTS)
                points = [[round(float(value), 4) for value in row] for row in samples[::step]]
                place = {"stream": number, "name": name, "step": step / stream.rate}
                viewers.tell({**place, **answer, "samples": points})
            await socket.send_json(answer)
    finally:
        viewers.tell({"stream": number, "name": name, "ended": True})


async def _message(socket: WebSocket) -> str | bytes:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    return message.get("bytes") or b"" if text is None else text


def _greeted(message: str | bytes, model: ServedModel) -> str:
    """The name of a stream whose hello fits the model."""
    hello = _json(message, "a hello such as {'rate': 50, 'channels': ['x'], 'units': ['g']}")
    if not isinstance(hello, dict):
        raise ValueError(f"Expected the hello as a JSON object. Received: a {type(hello).__name__}.")
    known = ("rate", "channels", "units", "name")
    for field in hello:
        if field not in known:
            raise unknown_name("field", field, known)
    model.check_given(hello.get("rate"), hello.get("channels"), hello.get("units"))
    name = hello.get("name", "")
    if not isinstance(name, str) or len(name) > 80:
        raise ValueError("Expected name to be a text of at most 80 characters. Received: something else.")
    return name


def _samples(message: str | bytes, channels: int) -> np.ndarray:
    """A chunk `(n, channels)`: nested lists, or float32, little endian, sample after sample."""
    if isinstance(message, bytes):
        if len(message) % (4 * channels):
            raise ValueError(f"Expected {4 * channels} bytes for each sample, float32. Received: {len(message)} bytes.")
        return np.frombuffer(message, "<f4").reshape(-1, channels)
    return float32_array(_json(message, "samples as nested lists of numbers"), "samples")


def _json(message: str | bytes, wanted: str) -> Any:
    try:
        return json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Expected {wanted}. Received: {str(error)[:60]}.") from error


async def _close(socket: WebSocket, message: str) -> None:
    """Say why as a message, since a close frame has little room, and as much as fits there."""
    await socket.send_json({"error": message})
    await socket.close(_REFUSED, message.encode()[:_LONGEST_REASON].decode(errors="ignore"))
