"""Reading members of a zip archive that may be broken or hostile."""

import io
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from types import TracebackType

_TEXT_LIMIT = 32 * 2**20  # bytes of one member; the largest of HAPT has 2 MB
_NESTED_LIMIT = 512 * 2**20  # bytes of a zip inside the zip

# What zipfile raises on damaged archives; RuntimeError stands for encrypted members and unknown methods.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


class Archive:
    """Text members of a zip archive, read in memory and never extracted to disk.

    Use it to read a publisher's download. A zip that holds nothing but one zip (and perhaps notes) is opened
    through. Sizes are capped, so a small file can't fill the memory.

    Args:
        path: the zip file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file isn't a whole zip archive, or a member's name leads outside of it.

    Example:
        >>> with Archive("hapt.zip") as archive:  # doctest: +SKIP
        ...     archive.read_text("HAPT Data Set/README.txt")
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(
                f"No archive at {self.path}. Give the path of the downloaded zip as archive=... "
                "(on the command line --archive)."
            )
        self._zip = self._open(self.path)
        try:
            self._zip = self._inner_zip(self._zip)
            self._check_names()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def find(self, pattern: str) -> dict[tuple[str, ...], str]:
        """Members whose path ends in `pattern` (a regular expression), by the pattern's groups.

        Raises:
            ValueError: two members match with the same groups, so it isn't clear which one is meant.
        """
        found: dict[tuple[str, ...], str] = {}
        expression = re.compile(rf"(?:.*/)?{pattern}")
        for name in self._zip.namelist():
            match = expression.fullmatch(name)
            if match is None:
                continue
            if match.groups() in found:
                raise ValueError(
                    f"Expected one member of its kind in {self.path}. Received: {found[match.groups()]!r} and {name!r}."
                )
            found[match.groups()] = name
        return found

    def find_one(self, pattern: str, meaning: str) -> str:
        """The one member whose path ends in `pattern`; ValueError names `meaning` when it is missing."""
        found = list(self.find(pattern).values())
        if not found:
            raise ValueError(f"Expected {meaning} in {self.path}. Received: an archive without it.")
        return found[0]

    def read_text(self, name: str) -> str:
        """One member as text, Latin-1 so that no byte is refused."""
        return self._read(name, _TEXT_LIMIT).decode("latin-1")

    def _read(self, name: str, limit: int) -> bytes:
        size = self._zip.getinfo(name).file_size
        if size > limit:
            raise ValueError(f"Expected at most {limit} bytes in {name!r} of {self.path}. Received: {size} bytes.")
        try:
            return self._zip.read(name)  # zipfile itself never returns more than file_size
        except _DAMAGE as error:
            raise ValueError(
                f"Expected {name!r} in {self.path} to be readable. Received: {error}. Download it again."
            ) from error

    def _open(self, source: Path | io.BytesIO) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(source)
        except PermissionError:
            raise
        except _DAMAGE as error:
            raise ValueError(
                f"Expected {self.path} to be a whole zip archive. Received: {error}. Download it again."
            ) from error

    def _inner_zip(self, outer: zipfile.ZipFile) -> zipfile.ZipFile:
        inner = [name for name in outer.namelist() if name.lower().endswith(".zip")]
        if len(inner) != 1:
            return outer
        content = self._read(inner[0], _NESTED_LIMIT)
        outer.close()
        return self._open(io.BytesIO(content))

    def _check_names(self) -> None:
        for name in self._zip.namelist():
            path = PurePosixPath(name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"Expected members inside the archive {self.path}. Received: {name!r}.")
