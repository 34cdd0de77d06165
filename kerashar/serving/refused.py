"""Requests that are refused."""


class RefusedError(Exception):
    """A request that can't be answered, and whose fault that is.

    Args:
        status: of HTTP.
        message: what was expected and what came.
        headers: of the answer.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def busy(message: str) -> RefusedError:
    """503: the server is full, and the client should come again."""
    return RefusedError(503, message, {"Retry-After": "1"})
