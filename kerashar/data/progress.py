"""Showing how far a long loop is, or that something long goes on."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

Item = TypeVar("Item")
_PATIENCE = 2.0  # seconds a user waits without wondering
_one_bar = threading.Lock()  # two would draw over each other


def show_progress(items: Iterable[Item], title: str, total: int | None, stream: TextIO | None) -> Iterator[Item]:
    """Pass items on, and draw a progress bar once it has taken two seconds, on a terminal only.

    Inside another bar none is drawn.

    Example:
        >>> import sys
        >>> list(show_progress("abc", "Reading", total=3, stream=sys.stderr))
        ['a', 'b', 'c']
    """
    with _bar(title, total, stream) as advance:
        for item in items:
            yield item
            advance()


@contextmanager
def show_waiting(title: str, stream: TextIO | None) -> Iterator[None]:
    """As `show_progress`, for what can't say how far it is: the bar has no end.

    Example:
        >>> import sys
        >>> with show_waiting("Listing files", sys.stderr):
        ...     print("listed")
        listed
    """
    with _bar(title, None, stream):
        yield


@contextmanager
def _bar(title: str, total: int | None, stream: TextIO | None) -> Iterator[Callable[[], None]]:
    """A bar, and the function that moves it on by one."""
    if stream is None or not stream.isatty() or not _one_bar.acquire(blocking=False):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    began = time.monotonic()
    try:
        with Progress(
            console=Console(file=stream), transient=True, redirect_stdout=False, redirect_stderr=False
        ) as progress:
            task = progress.add_task(title, total=total, visible=False)
            # The first item alone may take long, so a clock shows the bar.
            clock = threading.Timer(_PATIENCE, progress.update, (task,), {"visible": True})
            clock.daemon = True
            clock.start()
            try:
                yield lambda: progress.update(task, advance=1, visible=time.monotonic() - began > _PATIENCE)
            finally:
                clock.cancel()
    finally:
        _one_bar.release()
