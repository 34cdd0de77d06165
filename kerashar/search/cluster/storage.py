"""A folder kept on storage that is not a file system of the machine: S3, Google's storage, or any of pyarrow's."""

import json
import re
import shutil
import zlib
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from pyarrow import fs

_MANIFEST = "manifest.json"
_CHUNK = 2**20  # bytes


def file_system(target: str) -> tuple[fs.FileSystem, str]:
    """What holds `target` (`s3://bucket/path`, `gs://`, `file:///`, or a plain path), and the path in it."""
    return fs.FileSystem.from_uri(target if "://" in target else str(Path(target).resolve()))


def push(folder: Path | str, target: str, filesystem: fs.FileSystem | None = None) -> None:
    """Copy a folder's files to `target`, of which readers see all or nothing.

    Object stores can't rename a folder. So the files go to a place of their own, and one small file that names them is
    put in its place last. The copy before stays for those who are reading it; older ones are deleted.

    Args:
        folder: with files, and folders of files.
        target: as for `file_system`; nothing else may lie there.
        filesystem: what holds `target`, which is a path then.
    """
    storage, place = (filesystem, target) if filesystem else file_system(target)
    before, version = _manifest(storage, place), uuid4().hex
    sizes: dict[str, list[int]] = {}
    for path in sorted(each for each in Path(folder).rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        destination = f"{place}/{version}/{name}"
        storage.create_dir(str(PurePosixPath(destination).parent), recursive=True)
        with open(path, "rb") as source, storage.open_output_stream(destination) as sink:
            sizes[name] = _copy(source, sink)
    storage.create_dir(place, recursive=True)
    text = json.dumps({"version": version, "files": sizes})
    with storage.open_output_stream(f"{place}/{version}.part") as sink:
        sink.write(text.encode())
    storage.move(f"{place}/{version}.part", f"{place}/{_MANIFEST}")
    kept = {version, before["version"] if before else version}
    for found in storage.get_file_info(fs.FileSelector(place)):
        if found.type == fs.FileType.Directory and found.base_name not in kept:
            storage.delete_dir(found.path)


def pull(target: str, folder: Path | str, filesystem: fs.FileSystem | None = None) -> bool:
    """Copy what `push` put at `target` to a folder, in the place of what it holds; whether there was something.

    Args:
        target: as for `push`.
        folder: is left as it was where anything goes wrong.
        filesystem: as for `push`.

    Raises:
        ValueError: a file there is not the one that was pushed.
        OSError: a file is missing, or the storage can't be read.
    """
    storage, place = (filesystem, target) if filesystem else file_system(target)
    manifest, folder = _manifest(storage, place), Path(folder)
    if manifest is None:
        return False
    part, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("part", "old"))
    for leftover in (part, old):
        shutil.rmtree(leftover, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name, expected in manifest["files"].items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            stored = f"{place}/{manifest['version']}/{name}"
            with storage.open_input_stream(stored) as source, open(part / name, "wb") as sink:
                received = _copy(source, sink)
            if received != expected:
                raise ValueError(f"Expected {name} in {target} as it was written. Received: another size or checksum.")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return True


def _manifest(storage: fs.FileSystem, place: str) -> dict[str, Any] | None:
    if storage.get_file_info(f"{place}/{_MANIFEST}").type != fs.FileType.File:
        return None
    with storage.open_input_stream(f"{place}/{_MANIFEST}") as source:
        manifest = json.loads(source.read())
    names = [PurePosixPath(name) for name in manifest["files"]]
    if not re.fullmatch("[0-9a-f]{32}", manifest["version"]) or any(n.is_absolute() or ".." in n.parts for n in names):
        raise ValueError(f"Expected names of files inside a folder in {place}/{_MANIFEST}. Received: others.")
    return manifest


def _copy(source: Any, sink: Any) -> list[int]:
    """Copy a stream; its size and checksum."""
    size = checksum = 0
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
        size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
    return [size, checksum]
