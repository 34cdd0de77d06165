"""Reading members of a zip archive that may be broken or hostile."""

import contextlib
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO

_TEXT_LIMIT = 32 * 2**20  # bytes of one member read as a whole; the largest of UCI-HAR has 15 MB
FILE_LIMIT = 256 * 2**20  # bytes of a member that is no text, or of an image in a folder; photographs have a tenth
_STREAM_LIMIT = 2 * 2**30  # bytes of one member read line by line; the largest of PAMAP2 has 300 MB
_TOTAL_LIMIT = 16 * 2**30  # bytes of all members; PAMAP2 has 3 GB
_NESTED_LIMIT = 4 * 2**30  # bytes of a zip inside the zip; PAMAP2's has 0.7 GB
_MEMBER_LIMIT = 500_000  # members, whose list takes 0.3 GB; Tiny ImageNet has 120,000
_RATIO_LIMIT = 200  # unpacked to packed bytes; columns of numbers reach 10
_SMALL = 2**20  # bytes that may be packed at any ratio
_LINE_LIMIT = 2**16  # characters of a line; a window of UCI-HAR has 2048
_IN_MEMORY = 64 * 2**20  # bytes of a zip inside the zip that are kept in memory, not in a temporary file
_CHUNK = 2**20  # bytes unpacked at a time

# What zipfile raises on damaged archives; RuntimeError stands for encrypted members and unknown methods.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)


class Archive:
    """Text members of a zip archive, read without extracting them to disk.

    Use it to read a publisher's download. A zip that holds nothing but one zip (and perhaps notes) is opened
    through. Before anything is unpacked, members that lead outside, link elsewhere, lie over each other, are
    encrypted or packed absurdly well are refused, so a small file can't fill the memory.

    Args:
        path: the zip file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file isn't a whole zip archive, or a member of it is refused; the message names it.

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
        self._closing = contextlib.ExitStack()
        try:
            self._zip = self._inner_zip(self._open(self.path))
        except BaseException:
            self._closing.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def find(self, pattern: str) -> dict[tuple[str, ...], str]:
        """Members whose path ends in `pattern` (a regular expression), by the pattern's groups.

        What macOS adds to its zips (`__MACOSX/`) is passed over.

        Raises:
            ValueError: two members match with the same groups, so it isn't clear which one is meant.
        """
        found: dict[tuple[str, ...], str] = {}
        expression = re.compile(rf"(?:.*/)?{pattern}")
        for name in self._zip.namelist():
            match = expression.fullmatch(name)
            if match is None or "__MACOSX" in PurePosixPath(name).parts:
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
        return b"".join(self._chunks(self._zip, name, _TEXT_LIMIT)).decode("latin-1")

    def names(self) -> list[str]:
        """All members in the archive's order; those of folders end in a slash."""
        return self._zip.namelist()

    def read_bytes(self, name: str) -> bytes:
        """One member as it is, such as an image."""
        return b"".join(self._chunks(self._zip, name, FILE_LIMIT))

    def lines(self, name: str) -> Iterator[str]:
        """The lines of one member, unpacked as they are asked for, so that its size doesn't matter."""
        rest = ""
        for chunk in self._chunks(self._zip, name, _STREAM_LIMIT):
            *whole, rest = (rest + chunk.decode("latin-1")).split("\n")
            yield from whole
            if len(rest) > _LINE_LIMIT:
                raise ValueError(
                    f"Expected lines of at most {_LINE_LIMIT} characters in {name!r} of {self.path}. "
                    "Received: a longer one."
                )
        if rest:
            yield rest

    def _chunks(self, source: zipfile.ZipFile, name: str, limit: int) -> Iterator[bytes]:
        """The bytes of a member in pieces: read as a whole, zipfile unpacks beyond the size that is stated."""
        size = source.getinfo(name).file_size
        if size > limit:
            raise ValueError(f"Expected at most {limit} bytes in {name!r} of {self.path}. Received: {size} bytes.")
        try:
            with source.open(name) as member:
                while chunk := member.read(_CHUNK):
                    yield chunk
        except _DAMAGE as error:
            raise ValueError(
                f"Expected {name!r} in {self.path} to be readable. Received: {error}. Download it again."
            ) from error

    def _open(self, source: Path | IO[bytes]) -> zipfile.ZipFile:
        try:
            opened = self._closing.enter_context(zipfile.ZipFile(source))
        except PermissionError:
            raise
        except _DAMAGE as error:
            raise ValueError(
                f"Expected {self.path} to be a whole zip archive. Received: {error}. Download it again."
            ) from error
        self._check_members(opened)
        return opened

    def _inner_zip(self, outer: zipfile.ZipFile) -> zipfile.ZipFile:
        inner = [name for name in outer.namelist() if name.lower().endswith(".zip")]
        if len(inner) != 1:
            return outer
        copy = self._closing.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - closed by it
        for chunk in self._chunks(outer, inner[0], _NESTED_LIMIT):
            copy.write(chunk)
        return self._open(copy)

    def _check_members(self, opened: zipfile.ZipFile) -> None:
        members = opened.infolist()
        if len(members) > _MEMBER_LIMIT:
            raise ValueError(f"Expected at most {_MEMBER_LIMIT} members in {self.path}. Received: {len(members)}.")
        seen: set[str] = set()
        for member in members:
            self._check_member(member)
            if member.filename in seen:
                raise ValueError(f"Expected each member once in {self.path}. Received: {member.filename!r} twice.")
            seen.add(member.filename)
        total = sum(member.file_size for member in members)
        if total > _TOTAL_LIMIT:
            raise ValueError(f"Expected at most {_TOTAL_LIMIT} bytes unpacked in {self.path}. Received: {total} bytes.")
        end, last = 0, ""
        for member in sorted(members, key=lambda member: member.header_offset):
            if member.header_offset < end:
                raise ValueError(
                    f"Expected members that lie apart in {self.path}. Received: {member.filename!r} over {last!r}."
                )
            end, last = member.header_offset + member.compress_size, member.filename

    def _check_member(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or "\\" in name:
            raise ValueError(f"Expected members inside the archive {self.path}. Received: {name!r}.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"Expected plain files in {self.path}. Received: {name!r}, a link or device.")
        if member.flag_bits & 0x1:
            raise ValueError(f"Expected no password on {name!r} in {self.path}. Received: an encrypted member.")
        # Others unpack without a bound on memory.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(
                f"Expected {name!r} in {self.path} to be stored or deflated. "
                f"Received: compression method {member.compress_type}."
            )
        if member.file_size > max(_SMALL, _RATIO_LIMIT * member.compress_size):
            raise ValueError(
                f"Expected {name!r} in {self.path} to unpack to at most {_RATIO_LIMIT} times its packed size. "
                f"Received: {member.file_size} bytes from {member.compress_size}, as zip bombs have."
            )
