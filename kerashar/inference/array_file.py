"""Files of named arrays, without pickle."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from kerashar.files import write_atomically


def save_arrays(path: Path | str, arrays: dict[str, np.ndarray]) -> None:
    """Write an `.npz` file by a temporary name that is flushed and renamed.

    Raises:
        ValueError: another suffix.
    """
    if Path(path).suffix != ".npz":
        raise ValueError(f"Expected a file name that ends in .npz. Received: {str(path)!r}.")
    write_atomically(path, lambda temporary: np.savez(temporary, allow_pickle=False, **arrays))  # pyright: ignore[reportArgumentType]


def load_arrays(path: Path | str) -> dict[str, np.ndarray]:
    """Read what `save_arrays` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a file that is cut off, damaged or of another kind, or holds what only pickle could read.
    """
    damaged = (ValueError, EOFError, OSError, KeyError, AttributeError, MemoryError, TypeError, NotImplementedError)
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (*damaged, zipfile.BadZipFile, zlib.error) as error:
            raise ValueError(f"Expected an .npz file of plain arrays. Received: {str(path)!r} ({error}).") from error
