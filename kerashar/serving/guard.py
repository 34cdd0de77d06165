"""What stands ahead of all answers."""

import hmac
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerashar.serving.metrics import Metrics
from kerashar.serving.refused import RefusedError

SUBPROTOCOL = "kerashar"  # of the page's WebSocket, which brings its token as a second one
_LOCAL = ("localhost", "127.0.0.1", "::1")
# The page loads from this server alone, runs no script of its own text, and stands in no frame.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses requests that come by a foreign name, from a foreign page or without the token; counts all.

    Browsers let any web page talk to this machine. A page that makes its own name point to this machine (DNS rebinding)
    is told by the Host header, any other page by the Origin header.

    Args:
        app: what answers.
        metrics: where requests are counted.
        token: what clients have to bring, or None where the server listens to this machine only.
        open_paths: what needs no token.
        local: whether the server listens to this machine only.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, token: str | None, open_paths: Iterable[str], local: bool
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.token = token
        self.open_paths = frozenset(open_paths)
        self.local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        began, predicts, status = time.perf_counter(), scope["path"] == "/v1/predict", 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                self.metrics.statuses[str(status)] += 1
                self.metrics.rejected += status == 503 and predicts
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)
            if message["type"] == "http.response.body" and predicts and status == 200:
                self.metrics.took(time.perf_counter() - began)

        try:
            self._check(scope, Headers(scope=scope))
        except RefusedError as refused:
            await _refuse(scope["type"], refused, counted)
            return
        await self.app(scope, receive, counted)

    def _check(self, scope: Scope, headers: Headers) -> None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.local and _name(host) not in _LOCAL:
            raise RefusedError(400, f"Expected this machine as Host ({', '.join(_LOCAL)}). Received: {host[:100]!r}.")
        if origin is not None and origin.partition("://")[2] != host:
            raise RefusedError(
                403, f"Expected a request from a page of {host!r}, or of none. Received: {origin[:100]!r}."
            )
        if self.token is None or scope["path"] in self.open_paths:
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scope["type"] == "websocket" and not given:
            protocols = [each.strip() for each in headers.get("sec-websocket-protocol", "").split(",")]
            scheme, given = "bearer", protocols[1] if len(protocols) == 2 else ""
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), self.token.encode()):
            message = (
                f"Expected the server's token as Authorization: Bearer. Received: {'another' if given else 'none'}."
            )
            raise RefusedError(401, message, {"WWW-Authenticate": "Bearer"})


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


async def _refuse(kind: str, refused: RefusedError, send: Send) -> None:
    prefix = "websocket.http" if kind == "websocket" else "http"
    body = json.dumps({"error": refused.message}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    encoded: list[Any] = [
        (name.lower().encode(), value.encode()) for name, value in {**headers, **refused.headers}.items()
    ]
    await send({"type": f"{prefix}.response.start", "status": refused.status, "headers": encoded})
    await send({"type": f"{prefix}.response.body", "body": body})
