"""Downloading a publisher's archive."""

import http.client
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from kerashar.files import write_atomically

_TIMEOUT = 60  # seconds without an answer


def download(url: str, target: Path) -> None:
    """Download a file whole or not at all.

    Raises:
        ConnectionError: the address can't be reached, or fewer bytes came than were promised.

    Example:
        >>> download("https://example.org/hapt.zip", Path("hapt.zip"))  # doctest: +SKIP
    """

    def fetch(temporary: Path) -> None:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer, temporary.open("wb") as file:
            shutil.copyfileobj(answer, file)
            promised = answer.headers.get("Content-Length")
        if promised is not None and temporary.stat().st_size != int(promised):
            raise http.client.IncompleteRead(b"", int(promised))

    try:
        write_atomically(target, fetch)
    except (urllib.error.URLError, TimeoutError, http.client.HTTPException, ConnectionError) as error:
        raise ConnectionError(
            f"Could not download {url}: {error}. Download it by hand and give its path as archive=... "
            "(on the command line --archive)."
        ) from error
