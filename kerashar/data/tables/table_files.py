"""Finding the tables that a user points at."""

import os
from pathlib import Path

SUFFIXES = (".csv", ".tsv", ".parquet")


def table_files(source: Path | str) -> list[Path]:
    """The table itself, or all tables in a folder and its folders, in the order of their names.

    Hidden files are passed over, and so is what is no table. A link is refused, because it may lead out of the
    folder, in a circle, or to a table that is there already.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: it is no table, or the folder has no table, a link, or a name that is not UTF-8.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> folder.joinpath("walk.csv").touch()
        >>> [path.name for path in table_files(folder)]
        ['walk.csv']
    """
    source = Path(source)
    if not source.exists():
        raise FileNotFoundError(f"No file or folder {source}. Check the path.")
    if not source.is_dir():
        if not source.is_file() or source.suffix.lower() not in SUFFIXES:
            raise ValueError(f"Expected a file that ends in {', '.join(SUFFIXES)}, or a folder. Received: {source}.")
        return [source]
    found = []
    for folder, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *sorted(files)):
            path = Path(folder, name)
            if name.startswith(".") or (name in files and path.suffix.lower() not in SUFFIXES):
                continue
            if path.is_symlink():
                raise ValueError(f"Expected files and folders, no links. Received: {path}. Copy it there or remove it.")
            if not name.isprintable():  # which bytes that are not UTF-8 aren't either
                raise ValueError(f"Expected printable file names in UTF-8. Received: {str(path)!r}. Rename it.")
            if name in files:
                found.append(path)
    if not found:
        raise ValueError(f"Expected a file that ends in {', '.join(SUFFIXES)} in {source}. Received: none.")
    return found
