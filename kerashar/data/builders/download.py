"""Downloading a publisher's archive."""

import http.client
import sys
import urllib.error
import urllib.request
from pathlib import Path

from kerashar.data.progress import show_progress
from kerashar.files import write_atomically

_TIMEOUT = 60  # seconds without an answer
_CHUNK = 2**20  # bytes per step of the progress bar


def download(url: str, target: Path) -> None:
    """Download a file whole or not at all.

    Raises:
        ConnectionError: the address can't be reached, or fewer bytes came than were promised.

    Example:
        >>> download("https://example.org/hapt.zip", Path("hapt.zip"))  # doctest: +SKIP
    """

    def fetch(temporary: Path) -> None:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer, temporary.open("wb") as file:
            promised = int(answer.headers.get("Content-Length") or 0) or None
            chunks = iter(lambda: answer.read(_CHUNK), b"")
            total = promised and -(-promised // _CHUNK)
            for chunk in show_progress(chunks, f"Downloading {target.name}", total, sys.stderr):
                file.write(chunk)
        size = temporary.stat().st_size
        if promised not in (None, size):
            raise ConnectionError(f"{size} of {promised} bytes came")

    try:
        write_atomically(target, fetch)
    except (urllib.error.URLError, TimeoutError, http.client.HTTPException, ConnectionError) as error:
        raise ConnectionError(
            f"Could not download {url}: {error}. Download it by hand and give its path as archive=... "
            "(on the command line --archive)."
        ) from error
