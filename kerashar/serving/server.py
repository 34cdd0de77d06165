"""Running the server."""

import asyncio
import ipaddress
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kerashar.serving.app import create_app
from kerashar.serving.served_model import ServedModel

HEADER_SECONDS = 10.0  # within which a new connection has to ask for something
STOP_SECONDS = 60  # that requests in progress get when the server stops
MOST_CONNECTIONS = 1024
MAX_MESSAGE = 2**20  # bytes, of a WebSocket
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")  # what a header and a WebSocket's subprotocol both can hold


def serve(
    path: Path | str,
    host: str = "127.0.0.1",
    port: int = 8000,
    queue: int = 256,
    batch: int = 32,
    token: str | None = None,
    allow_remote: bool = False,
    say: Callable[[str], object] = print,
) -> None:
    """Serve a model until SIGTERM or Ctrl-C; what was accepted by then is answered.

    Args:
        path: a `.keras` file that says what its model takes.
        host: address to listen at. Defaults to this machine only.
        port: 0 takes any that is free.
        queue: most samples that wait or run at once.
        batch: most samples in one call of the model.
        token: what clients have to bring.
        allow_remote: whether others may reach it, with the token.
        say: gets a line when the server is ready.

    Raises:
        ValueError: a model that can't be served, a host that others may not reach, or a poor token.
        OSError: the port is taken.
    """
    local = _is_loopback(host)
    if not local and not (allow_remote and token):
        raise ValueError(
            "Expected --allow-remote, and a token in KERASHAR_SERVE_TOKEN, with a host that others can reach. "
            f"Received: --host {host}, {'a' if token else 'no'} token."
        )
    if token is not None and not _TOKEN.fullmatch(token):
        raise ValueError("Expected a token of at least 16 letters, digits, - and _. Received: another.")
    app = create_app(ServedModel(path, batch), queue, token, local)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS) as listener:
        shown = f"[{host}]" if ":" in host else host
        say(f"serving {path} at http://{shown}:{listener.getsockname()[1]}")
        # uvicorn stops at SIGTERM, then raises it again, which would end this process as if it were killed.
        signal.signal(signal.SIGTERM, lambda *_: None)
        build_server(app).run([listener])


def build_server(app: ASGIApp) -> uvicorn.Server:
    """uvicorn with our limits; `run([listener])` runs it."""
    config = uvicorn.Config(
        app,
        http=_PromptProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,  # a small message could unpack to a large one
        timeout_graceful_shutdown=STOP_SECONDS,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    return uvicorn.Server(config)


class _PromptProtocol(H11Protocol):
    """Sends at once, and closes connections that ask for nothing."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        # Else the body of an answer would wait 40 ms, until the client acknowledges the head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.loop.call_later(HEADER_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        # A WebSocket has another protocol by now.
        if self.cycle is None and self.transport.get_protocol() is self:
            self.transport.close()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
