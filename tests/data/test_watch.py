import hashlib
import os
import pickle
import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest

from kerashar.data import data_set, load_split, load_windows
from kerashar.data.builders import watch

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def recordings():
    return list(watch.watch_recordings())


def test_every_subject_does_every_exercise_with_both_arms(recordings):
    assert len(recordings) == 140
    names = {recording.recording_id for recording in recordings}
    assert names == {
        f"subject{subject:02}_{side}_{exercise.lower()}"
        for subject in range(1, 11)
        for side in ("left", "right")
        for exercise in watch.EXERCISES
    }
    for recording in recordings:
        assert recording.recording_id.startswith(f"subject{recording.subject}_")
        (segment,) = recording.segments
        assert (segment.start, segment.stop) == (0, len(recording.signal))
        assert segment.label == watch.EXERCISES[recording.recording_id.rsplit("_", 1)[1].upper()]


def test_acceleration_is_in_g_and_turning_in_radians(recordings):
    signal = np.concatenate([recording.signal for recording in recordings])
    assert np.median(np.linalg.norm(signal[:, :3], axis=1)) == pytest.approx(1.07, abs=0.01)
    # An arm turns by a few rad/s; in degrees it would be a hundred.
    assert 0.5 < np.median(np.linalg.norm(signal[:, 3:], axis=1)) < 5
    assert set(recordings[0].units) == {"g", "rad/s"}


def test_same_values_as_numpy_reads(recordings):
    data = np.load(watch._packaged_file(), allow_pickle=True).item()
    for recording, expected in zip(recordings, data["X"], strict=True):
        np.testing.assert_array_equal(recording.signal, expected.astype(np.float32))
    assert [int(recording.subject) for recording in recordings] == data["subject"].tolist()


def test_windows_and_split():
    assert len(load_windows("watch")) == 3605
    split = load_split("watch")
    sizes = (len(split.train), len(split.validation), len(split.test))
    assert sizes == (2227, 601, 777)
    assert set(split.test.subjects.tolist()) == set(data_set("watch").test_subjects)
    assert split.train.window_shape == (128, 6)


def test_seglearn_is_not_imported():
    code = """
import sys
from kerashar.data import load_windows
load_windows("watch")
raise SystemExit("seglearn" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-W", "error", "-c", code]).returncode == 0


def test_missing_package(monkeypatch):
    monkeypatch.setattr(watch.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"pip install 'kerashar\[demo\]'"):
        load_windows("watch")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.npy.*pip install 'kerashar\[demo\]'"):
        load_windows("watch", archive=tmp_path / "nowhere.npy")


def test_another_file_is_refused_unread(tmp_path):
    path = tmp_path / "watch_dataset.npy"
    path.write_bytes(watch._packaged_file().read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match=r"seglearn 1.2.5, SHA-256 eb122f23cdf0.*Received"):
        load_windows("watch", archive=path)


# --- the reader by itself, in case the checksum is ever changed to a hostile file's ---


def npy_of(payload: bytes) -> bytes:
    file = BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + payload


class Command:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments", "asked"),
    [
        (os.system, ("touch hacked",), "system"),
        (eval, ("1",), "eval"),
        (getattr, ("a", "upper"), "getattr"),
        (np.load, ("a.npy",), "load"),
        (np.memmap, ("a",), "memmap"),
    ],
)
def test_the_unpickler_calls_nothing(tmp_path, monkeypatch, function, arguments, asked):
    monkeypatch.chdir(tmp_path)
    for protocol in (0, 2, 4, 5):
        payload = pickle.dumps({"X": [Command(function, *arguments)]}, protocol=protocol)
        with pytest.raises(ValueError, match=rf"arrays, lists and text only. Received: .*{asked}"):
            watch.read_object_array(npy_of(payload))
    assert list(tmp_path.iterdir()) == []


def test_the_unpickler_knows_one_codec():
    import _codecs

    payload = pickle.dumps(Command(_codecs.encode, "x", "rot13"), protocol=2)
    with pytest.raises(ValueError, match="latin1"):
        watch.read_object_array(npy_of(payload))


def test_arrays_of_numbers_are_refused():
    file = BytesIO()
    np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="one object"):
        watch.read_object_array(file.getvalue())


def test_checksum_is_the_installed_one():
    assert hashlib.sha256(watch._packaged_file().read_bytes()).hexdigest() == watch._SHA256
