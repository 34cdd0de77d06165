"""HAPT: the real archive, and small ones that are broken in every way."""

import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerashar.data import builders, load_split, load_windows
from kerashar.data.builders import hapt, hapt_archive
from kerashar.data.builders.archive import Archive
from kerashar.data.builders.hapt_archive import read_hapt
from kerashar.data.builders.recordings_builder import built_recordings

pytestmark = pytest.mark.once

OFFICIAL_TEST = ["02", "04", "09", "10", "12", "13", "18", "20", "24"]


# --- the real archive ---


def test_real_windows(hapt_windows):
    assert len(hapt_windows) == 10_411
    assert hapt_windows.window_shape == (128, 9)
    assert hapt_windows.rate == 50.0
    assert hapt_windows.class_counts() == {
        "walking": 1722,
        "walking_upstairs": 1544,
        "walking_downstairs": 1407,
        "sitting": 1801,
        "standing": 1979,
        "laying": 1958,
    }
    assert sorted(set(hapt_windows.subjects.tolist())) == [f"{number:02}" for number in range(1, 31)]
    assert len(set(hapt_windows.recordings.tolist())) == 61
    kinds = ("body_acceleration", "angular_rate", "total_acceleration")
    assert hapt_windows.channels == tuple(f"{kind}_{axis}" for kind in kinds for axis in "xyz")
    assert hapt_windows.units == ("g",) * 3 + ("rad/s",) * 3 + ("g",) * 3


def test_real_signals_are_in_their_units(hapt_windows):
    body, total = hapt_windows.windows[..., :3], hapt_windows.windows[..., 6:]
    still = np.isin(hapt_windows.labels, [3, 4, 5])
    weight = np.linalg.norm(total[still], axis=-1)
    assert np.median(weight) == pytest.approx(1.0, abs=0.05)  # 1 g while sitting, standing and laying
    assert np.median(np.linalg.norm(body[still], axis=-1)) < 0.05
    assert np.abs(body.mean(axis=(0, 1))).max() < 0.01


def test_real_total_is_body_plus_gravity(hapt_windows):
    gravity = hapt_windows.windows[..., 6:] - hapt_windows.windows[..., :3]
    # Between two samples gravity hardly changes, whereas a step moves the body by up to 1 g.
    walking = hapt_windows.labels == 0
    assert np.median(np.linalg.norm(gravity, axis=-1)) == pytest.approx(1.0, abs=0.05)
    assert np.abs(np.diff(gravity[walking], axis=1)).max() < 0.005
    assert np.abs(np.diff(hapt_windows.windows[walking][..., :3], axis=1)).max() > 0.5
    turning = np.linalg.norm(hapt_windows.windows[walking][..., 3:6], axis=-1)
    assert np.median(turning) == pytest.approx(0.6, abs=0.1)  # rad/s


def test_real_split(hapt_archive, hapt_cache, monkeypatch):
    monkeypatch.setattr(builders.hapt_archive, "read_hapt", None)  # built already: the archive isn't read again
    split = load_split("hapt", archive=hapt_archive, cache=hapt_cache, seed=0)
    assert sorted(set(split.test.subjects.tolist())) == OFFICIAL_TEST
    assert len(split.test) == 2996
    assert len(split.train) + len(split.validation) == 7415
    assert len(set(split.validation.subjects.tolist())) == 4  # a fifth of 21
    other = load_split("hapt", archive=hapt_archive, cache=hapt_cache, seed=1)
    assert set(other.validation.subjects.tolist()) != set(split.validation.subjects.tolist())
    np.testing.assert_array_equal(other.test.windows, split.test.windows)


def test_real_recordings_come_back_as_they_are_in_the_archive(hapt_archive, hapt_cache):
    built = list(built_recordings(hapt.Hapt, hapt_archive, hapt_cache))
    read = read_hapt(hapt_archive)
    assert [recording.recording_id for recording in built] == sorted(one.recording_id for one in built)
    for ours, theirs in zip(built[:3], read, strict=False):
        np.testing.assert_array_equal(ours.signal, theirs.signal)
        assert ours.recording_id == theirs.recording_id
        assert ours.subject == theirs.subject
        assert [vars(one) for one in ours.segments] == [vars(one) for one in theirs.segments]
    with zipfile.ZipFile(hapt_archive) as archive:
        first = archive.read("HAPT Data Set/RawData/acc_exp01_user01.txt").split(b"\n", 1)[0]
    np.testing.assert_array_equal(built[0].signal[0, :3], np.array(first.split(), dtype=np.float32))
    assert vars(built[0].segments[0]) == {"label": "standing", "start": 249, "stop": 1232}
    assert sum(len(recording.segments) for recording in built) == 1214


# --- building ---


def test_small_archive(small_hapt, tmp_path):
    windows = load_windows("hapt", archive=small_hapt(), cache=tmp_path / "cache")
    assert windows.recordings.tolist() == ["exp01_user01"] * 3 + ["exp02_user03"] * 3
    assert windows.starts.tolist() == [0, 64, 210, 4, 68, 132]
    assert windows.labels.tolist() == [0, 0, 3, 3, 3, 3]
    assert windows.subjects.tolist() == ["01"] * 3 + ["03"] * 3


@pytest.mark.parametrize("root", ["", "HAPT Data Set/", "a/b/"])
def test_any_root_folder(small_hapt, root):
    assert len(list(read_hapt(small_hapt(root=root)))) == 2


def test_zip_inside_the_zip(small_hapt, tmp_path):
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(small_hapt(), "inner.zip")
        archive.writestr("names.txt", "notes")
    assert [recording.subject for recording in read_hapt(outer)] == ["01", "03"]


def test_another_archive_is_built_anew(small_hapt, tmp_path):
    cache = tmp_path / "cache"
    first = load_windows("hapt", archive=small_hapt(), cache=cache)
    changed = small_hapt({"RawData/labels.txt": "1 1 4 1 400\n"})  # under the same name
    second = load_windows("hapt", archive=changed, cache=cache)
    assert set(first.labels.tolist()) == {0, 3}
    assert set(second.labels.tolist()) == {3}
    assert len(list((cache / "hapt").iterdir())) == 2


def test_build_is_silent(small_hapt, tmp_path, capfd):
    load_windows("hapt", archive=small_hapt(), cache=tmp_path / "cache")
    assert capfd.readouterr() == ("", "")


def test_builder_states_its_source(small_hapt, tmp_path):
    info = hapt.Hapt(archive=small_hapt(), data_dir=tmp_path / "data").info
    assert "no commercial use" in (info.redistribution_info.license or "")
    assert "Reyes-Ortiz" in info.citation
    assert "rad/s" in info.description
    assert info.homepage.startswith("https://")


def test_cache_from_the_environment(small_hapt, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASHAR_CACHE", str(tmp_path / "chosen"))
    load_windows("hapt", archive=small_hapt())
    assert (tmp_path / "chosen" / "hapt").is_dir()


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError("disk full"), MemoryError])
def test_an_interrupted_build_is_not_taken_for_complete(small_hapt, tmp_path, monkeypatch, end):
    archive, cache = small_hapt(), tmp_path / "cache"

    def broken(path):
        yield next(read_hapt(path))
        raise end

    with monkeypatch.context() as patch:
        patch.setattr(hapt_archive, "read_hapt", broken)
        with pytest.raises(end if isinstance(end, type) else type(end)):
            load_windows("hapt", archive=archive, cache=cache)
    assert len(load_windows("hapt", archive=archive, cache=cache)) == 6


def test_a_killed_build_is_not_taken_for_complete(small_hapt, tmp_path):
    archive, cache = small_hapt(), tmp_path / "cache"
    code = f"""
import os
import signal
from kerashar.data import load_windows
from kerashar.data.builders import hapt_archive
read = hapt_archive.read_hapt
def broken(path):
    yield next(read(path))
    os.kill(os.getpid(), signal.SIGKILL)
hapt_archive.read_hapt = broken
load_windows("hapt", archive={str(archive)!r}, cache={str(cache)!r})
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    assert any(path.is_dir() for path in cache.rglob("*"))  # it had begun
    assert len(load_windows("hapt", archive=archive, cache=cache)) == 6


def test_two_processes_may_build_at_once(small_hapt, tmp_path, monkeypatch):
    archive, cache = small_hapt(), tmp_path / "cache"

    def overtaken(path):
        monkeypatch.setattr(hapt_archive, "read_hapt", read_hapt)
        load_windows("hapt", archive=archive, cache=cache)  # the other one is done first
        yield from read_hapt(path)

    monkeypatch.setattr(hapt_archive, "read_hapt", overtaken)
    assert len(load_windows("hapt", archive=archive, cache=cache)) == 6
    assert len(load_windows("hapt", archive=archive, cache=cache)) == 6


def test_needs_no_tensorflow(small_hapt, tmp_path):
    code = f"""
import sys
from importlib.machinery import PathFinder

class WithoutTensorFlow(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] == "tensorflow" else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutTensorFlow
try:
    import tensorflow
except ModuleNotFoundError:
    pass
else:
    raise SystemExit("TensorFlow is there")
from kerashar.data import load_windows
for _ in range(2):
    print(len(load_windows("hapt", archive={str(small_hapt())!r}, cache={str(tmp_path / "cache")!r})))
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "6\n6\n", "")


def test_import_is_light():
    code = """
import sys
import kerashar.data
heavy = {"tensorflow_datasets", "tensorflow", "keras", "torch", "jax", "ray", "sklearn", "scipy"}
raise SystemExit(", ".join(sorted(heavy & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


# --- downloading, through a file ---


def test_download_is_kept(small_hapt, tmp_path, monkeypatch):
    archive, cache = small_hapt(), tmp_path / "cache"
    monkeypatch.setattr(hapt.Hapt, "archive_url", archive.as_uri())
    assert len(load_windows("hapt", cache=cache)) == 6
    archive.unlink()
    assert len(load_windows("hapt", cache=cache)) == 6


def test_download_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(hapt.Hapt, "archive_url", (tmp_path / "missing.zip").as_uri())
    with pytest.raises(ConnectionError, match=r"Could not download file://.*--archive"):
        load_windows("hapt", cache=tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_download_that_ends_early_leaves_nothing(small_hapt, tmp_path, monkeypatch):
    from kerashar.data.builders import download

    class Short:
        headers = {"Content-Length": "1000"}  # noqa: RUF012
        chunks = iter((b"half", b""))

        def read(self, size):
            return next(self.chunks)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    monkeypatch.setattr(download.urllib.request, "urlopen", lambda *_, **__: Short())
    with pytest.raises(ConnectionError, match="4 of 1000 bytes came"):
        download.download("https://example.org/a.zip", tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


# --- broken and hostile archives ---


def test_missing_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No archive at .*nowhere.zip.*archive=.*--archive"):
        load_windows("hapt", archive=tmp_path / "nowhere.zip", cache=tmp_path)
    with pytest.raises(FileNotFoundError, match="No archive at"):
        Archive(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.9999])
def test_truncated_archive(small_hapt, tmp_path, share):
    whole = small_hapt().read_bytes()
    path = tmp_path / "truncated.zip"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match=r"truncated.zip to be a whole zip archive"):
        load_windows("hapt", archive=path, cache=tmp_path / "cache")


def test_flipped_bytes_never_give_wrong_data(small_hapt, tmp_path):
    whole = small_hapt().read_bytes()
    expected = [recording.signal for recording in read_hapt(small_hapt())]
    path = tmp_path / "flipped.zip"
    random = np.random.default_rng(0)
    refused = 0
    for position in random.integers(len(whole), size=60):
        flipped = bytearray(whole)
        flipped[position] ^= 0xFF
        path.write_bytes(flipped)
        try:
            found = [recording.signal for recording in read_hapt(path)]
        except ValueError:
            refused += 1
            continue
        for ours, theirs in zip(expected, found, strict=True):  # only what isn't data was hit
            np.testing.assert_array_equal(ours, theirs)
    assert refused > 30


def with_line(text: str, line: int, new: str) -> str:
    lines = text.split("\n")
    lines[line - 1] = new
    return "\n".join(lines)


AXES = "0.1 0.2 0.3\n" * 400
ACC = "RawData/acc_exp01_user01.txt"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({ACC: None}, r"Expected RawData/acc_exp01_user01.txt in .*small.zip"),
        ({"RawData/gyro_exp02_user03.txt": None}, "Expected RawData/gyro_exp02_user03.txt"),
        ({"RawData/labels.txt": None}, "Expected RawData/labels.txt in"),
        ({"activity_labels.txt": None}, "Expected activity_labels.txt in"),
        ({"RawData/labels.txt": "9 9 1 1 20\n"}, "Expected RawData/acc_exp09_user09.txt"),
        ({"RawData/labels.txt": "1 1 1 1 9\n1 1 99 10 20\n"}, r"labels.txt line 2 .*'1 1 99 10 20'"),
        (
            {"RawData/labels.txt": "1 1 1 1 401\n"},
            "end at sample 400 or before. Received: 401 in labels.txt line 1",
        ),
        ({"RawData/labels.txt": "1 1 1 0 20\n"}, "1 <= first <= last"),
        ({"RawData/labels.txt": "1 1 1 20 10\n"}, "1 <= first <= last"),
        ({"RawData/labels.txt": "1 1 1 1 20\n1 1 4 15 30\n"}, "don't overlap"),
        ({"RawData/labels.txt": "1 1 1 1\n"}, "experiment, user, activity, first and last"),
        ({"RawData/labels.txt": "1 1 1 -1 5\n"}, "experiment, user, activity, first and last"),
        ({"activity_labels.txt": "WALKING 1\n"}, "a number and a name in Data/activity_labels.txt line 1"),
        ({ACC: AXES[:-12]}, "as many rows.*Received: 399 and 400"),
        ({ACC: ""}, "empty file"),
        ({ACC: with_line(AXES, 17, "0.1 nan 0.3")}, r"acc_exp01_user01.txt line 17 of .*'0.1 nan 0.3'"),
        ({ACC: with_line(AXES, 3, "inf 0 0.3")}, "line 3 .*'inf 0 0.3'"),
        ({ACC: with_line(AXES, 400, "0.1 0.2")}, "line 400 .*'0.1 0.2'"),
        ({ACC: with_line(AXES, 5, "0.1 0.2 abc")}, "line 5 .*'0.1 0.2 abc'"),
        ({ACC: with_line(with_line(AXES, 1, "1 2"), 2, "1 2 3 4")}, "line 1 .*'1 2'"),
        ({ACC: "1 2 3 4\n" * 300}, "line 1 .*'1 2 3 4'"),
        ({"copy/" + ACC: AXES}, "one member of its kind"),
        ({"../../../escape.txt": "x"}, r"inside the archive .*'\.\./\.\./\.\./escape.txt'"),
        ({"..\\escape.txt": "x"}, "inside the archive"),
    ],
)
def test_broken_archives_are_named(small_hapt, tmp_path, changes, message):
    root = "" if any(".." in name for name in changes) else "Data/"
    archive = small_hapt(changes, root=root)
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ValueError, match=message) as error:
        list(read_hapt(archive))
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.parent.rglob("*")) == before  # nothing is ever extracted


def test_the_message_survives_the_builder(small_hapt, tmp_path):
    archive = small_hapt({ACC: with_line(AXES, 17, "0.1 nan 0.3")})
    with pytest.raises(ValueError, match="line 17") as error:
        load_windows("hapt", archive=archive, cache=tmp_path / "cache")
    assert "\n" not in str(error.value)


def test_absolute_names_are_refused(tmp_path):
    path = tmp_path / "absolute.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("/etc/escape", "x")
    with pytest.raises(ValueError, match=r"inside the archive .*'/etc/escape'"):
        Archive(path)


def test_zip_bomb_is_refused_before_it_is_unpacked(small_hapt):
    archive = small_hapt({ACC: "0" * (32 * 2**20 + 1)})
    assert archive.stat().st_size < 10**6
    with pytest.raises(ValueError, match=r"'Data/RawData/acc_exp01_user01.txt' .* at most 200 times its packed size"):
        list(read_hapt(archive))


def test_windows_line_ends_and_blank_lines(small_hapt):
    plain = list(read_hapt(small_hapt({ACC: AXES})))
    other = list(read_hapt(small_hapt({ACC: AXES.replace("\n", "\r\n") + "\r\n\r\n"})))
    np.testing.assert_array_equal(plain[0].signal, other[0].signal)


def test_archive_is_closed(small_hapt):
    path = small_hapt()
    with Archive(path) as archive:
        assert archive.read_text("Data/README.txt") == "Università\n"
    with pytest.raises(ValueError, match="readable"):
        archive.read_text("Data/README.txt")


def test_real_archive_lies_where_it_should(hapt_archive: Path):
    assert hapt_archive.stat().st_size == 27_544_613
