"""The paths of the server."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.resources import files
from itertools import count

import numpy as np
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from kerashar.serving.activity_stream import ActivityStream
from kerashar.serving.batcher import Batcher
from kerashar.serving.body_reader import MAX_BYTES, BodyReader
from kerashar.serving.guard import SUBPROTOCOL, Guard
from kerashar.serving.metrics import Metrics
from kerashar.serving.read_request import read_request
from kerashar.serving.refused import RefusedError, busy
from kerashar.serving.served_model import ServedModel
from kerashar.serving.stream_socket import run_stream
from kerashar.serving.viewers import Viewers

MOST_STREAMS = MOST_VIEWERS = 64
_RETRY = 0.02  # seconds after which a stream asks a full queue again
_PAGE = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


def create_app(model: ServedModel, queue: int = 256, token: str | None = None, local: bool = True) -> ASGIApp:
    """The server of a model, as an ASGI application.

    Args:
        model: what answers.
        queue: most samples that wait or run at once; also the most in one request. Defaults to 256.
        token: what clients have to bring, or None.
        local: whether it is reached from this machine only, by one of its own names.

    Raises:
        ValueError: a queue that has no room for a batch.
    """
    if queue < model.batch:
        raise ValueError(f"Expected a queue of at least a batch, {model.batch}. Received: queue={queue}.")
    metrics, bodies, viewers, numbers = Metrics(), BodyReader(), Viewers(), count(1)
    batcher = Batcher(model.logits, model.batch, queue, metrics)
    stream_thread = ThreadPoolExecutor(1, "streams")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        yield
        batcher.close()
        stream_thread.shutdown()

    app = FastAPI(lifespan=lifespan, openapi_url=None)  # its pages of documentation load from other hosts

    @app.exception_handler(RefusedError)
    async def refuse(_: Request, error: RefusedError) -> Response:
        return JSONResponse({"error": error.message}, error.status, error.headers)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        message = f"Expected a known path and method. Received: {request.method} {request.url.path[:100]}."
        return JSONResponse({"error": message}, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def fail(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": "The server failed at this request. Its log says why."}, 500)

    @app.post("/v1/predict")
    async def predict(request: Request) -> Response:
        if batcher.full:  # ahead of the body, so that a refusal costs little
            raise busy(f"Expected room in the queue of {queue} samples. Received: a request while it is full.")
        asked = await read_request(request, model, queue, bodies)
        logits = await asyncio.wrap_future(batcher.submit(asked.samples))
        return JSONResponse({"predictions": model.answers(logits, asked.top)})

    @app.get("/v1/model")
    async def describe() -> dict:
        limits = {"samples": queue, "bytes": MAX_BYTES, "batch": model.batch, "streams": MOST_STREAMS}
        return {**model.describe(), "limits": limits}

    @app.get("/healthz")
    async def health() -> Response:
        if batcher.alive:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"error": "Expected the model's thread to run. Received: its end."}, 503)

    @app.get("/metrics")
    async def show_metrics() -> Response:
        return Response(metrics.text(batcher.held), media_type="text/plain; version=0.0.4")

    async def predict_when_free(windows: np.ndarray) -> np.ndarray:
        """Logits for a stream, which waits where a request would be refused: its client then has to wait as well."""
        while True:
            try:
                return await asyncio.wrap_future(batcher.submit(windows))
            except RefusedError:
                await asyncio.sleep(_RETRY)

    @app.websocket("/v1/stream")
    async def take_stream(socket: WebSocket) -> None:
        if metrics.streams >= MOST_STREAMS:
            await _deny(socket, f"Expected at most {MOST_STREAMS} streams. Received: one more.")
            return
        try:
            stream = ActivityStream(model, predict_when_free, stream_thread)
        except ValueError as error:
            await _deny(socket, str(error), 422)
            return
        metrics.streams += 1
        try:
            await socket.accept(_subprotocol(socket))
            await run_stream(socket, stream, model, viewers, next(numbers))
        except WebSocketDisconnect:
            pass  # the client went, which is how a stream ends
        finally:
            metrics.streams -= 1

    @app.websocket("/v1/watch")
    async def watch(socket: WebSocket) -> None:
        if len(viewers) >= MOST_VIEWERS:
            await _deny(socket, f"Expected at most {MOST_VIEWERS} viewers. Received: one more.")
            return
        with viewers.join() as messages:
            await socket.accept(_subprotocol(socket))
            showing = asyncio.create_task(_show(socket, messages))
            try:
                while True:
                    await socket.receive_text()  # a viewer has nothing to say; this ends when it goes
            except (WebSocketDisconnect, KeyError):
                pass  # it went, or sent bytes
            finally:
                showing.cancel()

    for path, (name, kind) in _PAGE.items():
        app.add_api_route(path, _page(files("kerashar.serving").joinpath("page", name).read_bytes(), kind))
    return Guard(app, metrics, token, (*_PAGE, "/healthz"), local)


def _page(content: bytes, kind: str):
    async def page() -> Response:
        return Response(content, media_type=kind)

    return page


def _subprotocol(socket: WebSocket) -> str | None:
    return SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None


async def _deny(socket: WebSocket, message: str, status: int = 429) -> None:
    await socket.send_denial_response(JSONResponse({"error": message}, status))


async def _show(socket: WebSocket, messages: "asyncio.Queue[str]") -> None:
    while True:
        await socket.send_text(await messages.get())
