"""The files of a folder or of a zip archive, under one roof."""

import os
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from kerashar.data.builders.archive import FILE_LIMIT, Archive


class FileSource:
    """Lists and reads the files of a folder or of a zip archive.

    Use it wherever users may give either. It can be sent to other processes: each opens the archive for itself.

    Args:
        path: the folder or zip.

    Raises:
        FileNotFoundError: there is neither.
        ValueError: the zip is damaged or hostile.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "note.txt").write_text("hello")
        >>> source = FileSource(folder)
        >>> source.list_files(), source.read("note.txt")
        ((['note.txt'], []), b'hello')
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise FileNotFoundError(f"Expected a folder or zip of images. Received: nothing at {self.path}.")
        self._forget_archive()

    def __getstate__(self) -> dict[str, Path]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Path]) -> None:
        self.path = state["path"]
        self._forget_archive()

    def list_files(self) -> tuple[list[str], list[str]]:
        """Names of the files and of the empty folders, sorted, relative and with forward slashes.

        What starts with a dot, and `__MACOSX`, is the file manager's own and left out.

        Raises:
            ValueError: a link leads out of the folder or to another folder, or something is neither file nor folder.
        """
        files, empty = self._list_folder() if self.path.is_dir() else self._list_archive()
        return sorted(files), sorted(empty)

    def read(self, name: str) -> bytes:
        """The content of one file.

        Raises:
            OSError: the file is gone or can't be read.
            ValueError: it is larger than 256 MiB, leads out of the folder, or the archive is damaged there.
        """
        if not self.path.is_dir():
            with self._lock:
                return self._open_archive().read_bytes(name)
        path = os.path.join(self.path, name)
        if not self._is_inside(path):
            raise ValueError(f"Expected files inside {self.path}. Received: {name!r}, which leads out of it.")
        with open(path, "rb") as file:
            content = file.read(FILE_LIMIT + 1)
        if len(content) > FILE_LIMIT:
            raise ValueError(f"Expected at most {FILE_LIMIT} bytes in {path}. Received: more.")
        return content

    def state(self, names: Iterable[str]) -> list[tuple[str, int, int]]:
        """Path, size and time of change of each of these files, or of the archive that they are in."""
        folder = self.path.is_dir()
        paths = [os.path.join(self._real_path, name) for name in names] if folder else [self._real_path]
        states = map(os.stat, paths)
        return [(path, each.st_size, each.st_mtime_ns) for path, each in zip(paths, states, strict=True)]

    def _is_inside(self, path: str) -> bool:
        """Whether the path leads into the folder: listed files do, but a link may have taken the place of one since."""
        if os.path.islink(path):
            return self._leads_inside(path)
        folder = os.path.dirname(path)
        if folder not in self._folders_inside:  # once for each: following every part of a path takes as long as a read
            self._folders_inside[folder] = self._leads_inside(folder)
        return self._folders_inside[folder]

    def _leads_inside(self, path: str) -> bool:
        return os.path.join(os.path.realpath(path), "").startswith(os.path.join(self._real_path, ""))

    @cached_property
    def _real_path(self) -> str:
        return os.path.realpath(self.path)

    @cached_property
    def _folders_inside(self) -> dict[str, bool]:
        return {}

    def _forget_archive(self) -> None:
        self._archive: Archive | None = None
        self._process = 0
        self._lock = threading.Lock()

    def _open_archive(self) -> Archive:
        # Two processes that read through one file handle would move it under each other.
        if self._archive is None or self._process != os.getpid():
            self._archive, self._process = Archive(self.path), os.getpid()
        return self._archive

    def _list_folder(self) -> tuple[list[str], list[str]]:
        files, empty = [], []
        root = self.path.resolve()
        for folder, folders, all_names in os.walk(self.path, onerror=_raise):
            folders[:] = [name for name in folders if not _is_hidden(name)]
            names = [name for name in all_names if not _is_hidden(name)]
            here = Path(folder)
            for name in (*folders, *names):
                path = here / name
                if path.is_symlink() and (name in folders or not path.resolve().is_relative_to(root)):
                    raise ValueError(
                        f"Expected no links to folders or out of {self.path}. Received: {path}, a link to "
                        f"{os.readlink(path)}. Put the files there instead."
                    )
                if name not in folders and not path.is_file():
                    raise ValueError(f"Expected files and folders in {self.path}. Received: {path}, which is neither.")
            relative = here.relative_to(self.path).as_posix()
            files += [name if relative == "." else f"{relative}/{name}" for name in names]
            if not folders and not names:
                empty.append(relative)
        return files, empty

    def _list_archive(self) -> tuple[list[str], list[str]]:
        with self._lock:
            members = self._open_archive().names()
        members = [name for name in members if not any(map(_is_hidden, name.rstrip("/").split("/")))]
        files = [name for name in members if not name.endswith("/")]
        filled = {parent for name in members for parent in _parents(name)}
        return files, [name.rstrip("/") for name in members if name.endswith("/") and name not in filled]


def _parents(name: str) -> list[str]:
    parts = name.rstrip("/").split("/")
    return ["/".join(parts[:count]) + "/" for count in range(1, len(parts))]


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in {"__MACOSX", "Thumbs.db", "desktop.ini"}


def _raise(error: OSError) -> None:
    raise error
