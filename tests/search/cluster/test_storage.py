"""Folders on storage, on a local file system and on one of fsspec in memory."""

import json
from pathlib import Path

import fsspec
import pytest
from pyarrow import fs

from kerashar.search.cluster.storage import file_system, pull, push

pytestmark = pytest.mark.once


@pytest.fixture(params=["file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[fs.FileSystem, str]:
    if request.param == "file":
        return file_system((tmp_path / "storage" / "trial").as_uri())
    memory = fsspec.filesystem("memory", skip_instance_cache=True)
    return fs.PyFileSystem(fs.FSSpecHandler(memory)), f"{tmp_path}/trial"


def fill(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_comes_back(place: tuple[fs.FileSystem, str], tmp_path: Path):
    storage, path = place
    assert not pull(path, tmp_path / "back", storage)
    assert not (tmp_path / "back").exists()
    first = fill(tmp_path / "first", **{"state.npz": "x" * 3_000_000, "deep/er/log.csv": "1,2", "empty": ""})
    push(first, path, storage)
    fill(tmp_path / "back", stale="old")
    assert pull(path, tmp_path / "back", storage)
    assert read(tmp_path / "back") == read(first)
    assert {each.name for each in tmp_path.iterdir()} <= {"first", "back", "storage"}


def test_readers_see_the_last_whole_copy(
    place: tuple[fs.FileSystem, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    storage, path = place
    push(fill(tmp_path / "one", a="1", b="1"), path, storage)
    second = fill(tmp_path / "two", a="2", b="2")

    def torn(source, sink):
        sink.write(source.read(1))
        if source.name.endswith("b"):
            raise KeyboardInterrupt
        return [1, 0]

    with monkeypatch.context() as patch:
        patch.setattr("kerashar.search.cluster.storage._copy", torn)
        with pytest.raises(KeyboardInterrupt):
            push(second, path, storage)
    assert pull(path, tmp_path / "back", storage)
    assert read(tmp_path / "back") == {"a": "1", "b": "1"}

    for number in "345":
        push(fill(tmp_path / number, a=number), path, storage)
    pull(path, tmp_path / "back", storage)
    assert read(tmp_path / "back") == {"a": "5"}
    found = storage.get_file_info(fs.FileSelector(path))
    assert sorted(each.type.name for each in found) == ["Directory", "Directory", "File"]  # this copy, the one before


@pytest.mark.parametrize("damage", ["shorter", "other"])
def test_a_damaged_copy_is_refused_and_changes_nothing(place: tuple[fs.FileSystem, str], tmp_path: Path, damage: str):
    storage, path = place
    push(fill(tmp_path / "one", a="whole"), path, storage)
    (stored,) = [each for each in storage.get_file_info(fs.FileSelector(path, recursive=True)) if each.base_name == "a"]
    with storage.open_output_stream(stored.path) as sink:
        sink.write(b"whol" if damage == "shorter" else b"whale")
    fill(tmp_path / "back", a="mine")
    with pytest.raises(ValueError, match="Received: another size or checksum"):
        pull(path, tmp_path / "back", storage)
    assert read(tmp_path / "back") == {"a": "mine"}
    assert not (tmp_path / ".back.part").exists()


@pytest.mark.parametrize("name", ["../outside", "/outside"])
def test_names_that_lead_out_of_the_folder_are_refused(place: tuple[fs.FileSystem, str], tmp_path: Path, name: str):
    storage, path = place
    storage.create_dir(path, recursive=True)
    with storage.open_output_stream(f"{path}/manifest.json") as sink:
        sink.write(json.dumps({"version": "0" * 32, "files": {name: [0, 0]}}).encode())
    with pytest.raises(ValueError, match="inside a folder"):
        pull(path, tmp_path / "back", storage)


def test_what_a_target_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert file_system("runs/a")[1] == str(tmp_path / "runs" / "a")
    assert file_system("file:///shared/a")[1] == "/shared/a"
    storage, path = file_system("s3://bucket/a?region=us-west-2")
    assert (storage.type_name, path) == ("s3", "bucket/a")
    assert (file_system("gs://anonymous@bucket/a")[0].type_name, file_system("gs://bucket/a")[1]) == ("gcs", "bucket/a")
