"""Errors that say in which file they happened."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa


@contextmanager
def naming_the_file(path: Path) -> Iterator[None]:
    """Give an error of writing, which knows no name, the name of the file that was written."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        reason = f"{error.strerror or error} (free some space, or choose another folder)"
        raise OSError(error.errno, reason, str(path)) from error


@contextmanager
def naming_the_table(path: Path) -> Iterator[None]:
    """Turn an error of PyArrow, which knows no name, into one that names the table and the line."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = re.sub(r"Row #(\d+)", r"line \1", str(error)).split("\n")[0][:300]
        raise ValueError(f"Expected a table in {path}. Received: {reason}. Correct that place.") from error
