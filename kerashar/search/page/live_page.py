"""Keeping a page up to date while its search runs."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from kerashar.search.page import write_search_page


class LivePage:
    """Lets a process of its own write the page of a search again and again.

    A thread would hold up the search: what draws holds the interpreter. Where the search is broken off, a last page
    says so: this process writes it when the context is left, or the other, if this one is killed.

    Args:
        folder: run folder of the search.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "LivePage":
        return self

    def begin(self) -> None:
        """Write pages from now on; the search has its folder's lock."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kerashar.search.page.keep_page", str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )

    def end(self) -> None:
        """Write no more pages, from when this returns."""
        if self.process and self.process.returncode is None:
            self.process.communicate(b"end\n")

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.end()
        if kind is not None and self.process and (self.folder / "journal.jsonl").exists():
            with suppress(OSError):  # such as a full disk, of which the search tells itself
                write_search_page(self.folder)
