"""Showing how far a long loop is."""

import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")
_PATIENCE = 2.0  # seconds a user waits without wondering


def show_progress(items: Iterable[Item], title: str, total: int | None, stream: TextIO | None) -> Iterator[Item]:
    """Pass items on, and draw a progress bar once it has taken two seconds, on a terminal only.

    Example:
        >>> import sys
        >>> list(show_progress("abc", "Reading", total=3, stream=sys.stderr))
        ['a', 'b', 'c']
    """
    if stream is None or not stream.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    began = time.monotonic()
    with Progress(
        console=Console(file=stream), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        task = progress.add_task(title, total=total, visible=False)
        for item in items:
            yield item
            progress.update(task, advance=1, visible=time.monotonic() - began > _PATIENCE)
