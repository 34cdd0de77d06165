"""Those who look at the streams."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST_WAITING = 64  # messages that one viewer may be behind


class Viewers:
    """Hands what happens in streams to all who watch; who is too slow misses the oldest.

    Example:
        >>> viewers = Viewers()
        >>> with viewers.join() as messages:
        ...     viewers.tell({"stream": 1})
        ...     messages.get_nowait()
        '{"stream": 1}'
    """

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()

    def __len__(self) -> int:
        return len(self._queues)

    @contextmanager
    def join(self) -> "Iterator[asyncio.Queue[str]]":
        """The messages of one more viewer."""
        queue: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def tell(self, message: dict[str, Any]) -> None:
        """Give a message to all."""
        text = json.dumps(message)
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(text)
