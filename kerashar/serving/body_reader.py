"""Bodies of requests, as they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from kerashar.serving.refused import RefusedError, busy

MAX_BYTES = 16 * 2**20  # of a body
MOST_BYTES = 256 * 2**20  # of all bodies at once
BODY_SECONDS = 30.0  # within which a body has to come
_END = {"Connection": "close"}  # the rest of a refused body is not read


class BodyReader:
    """Reads bodies up to a size, all of them up to another, and each within a time."""

    def __init__(self) -> None:
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """The body, for as long as it is needed.

        Raises:
            RefusedError: a body that is too long, as soon as that is known, too slow or cut off; or too many at once.
        """
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > MAX_BYTES:
            raise _too_long(announced)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    self._held += len(chunk)
                    if len(body) > MAX_BYTES:
                        raise _too_long("more")
                    if self._held > MOST_BYTES:
                        raise busy(f"Expected at most {MOST_BYTES} bytes of all requests at once. Received: more.")
            yield bytes(body)
        except TimeoutError:
            message = f"Expected the whole body within {BODY_SECONDS:g} s. Received: {len(body)} bytes."
            raise RefusedError(408, message, _END) from None
        except ClientDisconnect:
            raise RefusedError(400, f"Expected a whole body. Received: {len(body)} bytes of it.", _END) from None
        finally:
            self._held -= len(body)


def _too_long(size: str) -> RefusedError:
    return RefusedError(413, f"Expected a body of at most {MAX_BYTES} bytes. Received: {size}.", _END)
