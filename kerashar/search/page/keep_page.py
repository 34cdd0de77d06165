"""The process that keeps a page up to date: `python -m kerashar.search.page.keep_page RUN`.

It gives way to whatever else the machine does, and spends a twentieth of its time on pages at most. A line on its
standard input, or the end of that, ends it.
"""

import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

from kerashar.locks import is_held
from kerashar.search.page import write_search_page

PAUSE = 10.0  # seconds between two pages
_SHARE = 0.05  # of the time
_PATIENCE = 20  # seconds for a search that is broken off to let go of its folder


def main() -> None:
    """Write pages as the journal grows."""
    folder = Path(sys.argv[1])
    journal = folder / "journal.jsonl"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the search, whose end is noticed
    if hasattr(os, "nice"):
        os.nice(19)
    told: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: told.put(sys.stdin.readline()), daemon=True).start()
    pause, size = PAUSE, 0
    while True:
        try:
            is_broken_off = not told.get(timeout=pause)
            break
        except queue.Empty:
            if journal.exists() and journal.stat().st_size != size:
                size = journal.stat().st_size
                began = time.process_time()
                write_search_page(folder)
                pause = max(PAUSE, (time.process_time() - began) / _SHARE)
    if is_broken_off and size:  # else there is no page that says the search is running
        _write_last(folder)


def _write_last(folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while is_held(folder / "lock") and time.monotonic() < deadline:
        time.sleep(0.5)
    write_search_page(folder)


if __name__ == "__main__":
    main()
