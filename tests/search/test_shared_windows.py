import multiprocessing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from kerashar.data import SubjectSplit
from kerashar.search.shared_windows import load_sides, store_once
from kerashar.search.trial_runner import node_folder
from kerashar.training.sides import Sides

pytestmark = pytest.mark.once


def test_sides_come_back_mapped_and_equal(split: SubjectSplit, tmp_path: Path):
    sides = Sides(split.train, split.validation)
    loaded = load_sides(store_once(sides, tmp_path / "windows"))
    for name in ("train", "validation"):
        before, after = getattr(sides, name), getattr(loaded, name)
        for field in fields(before):
            one, other = getattr(before, field.name), getattr(after, field.name)
            np.testing.assert_array_equal(other, one)
            assert type(other) is type(one) or isinstance(other, np.memmap)
        assert after.fingerprint() == before.fingerprint()
        base = after.windows if isinstance(after.windows, np.memmap) else after.windows.base
        assert isinstance(base, np.memmap)  # not a copy of this process


def test_a_node_stores_them_once(split: SubjectSplit, tmp_path: Path):
    sides = Sides(split.train, split.validation)
    folder = tmp_path / "windows"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.starmap(store_once, [(sides, folder)] * 3) == [folder] * 3
    times = {path: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
    store_once(sides, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.npy")} == times


def test_a_store_that_was_cut_off_is_made_again(split: SubjectSplit, tmp_path: Path):
    sides = Sides(split.train, split.validation)
    folder = store_once(sides, tmp_path / "windows")
    (folder / "validation.json").unlink()
    (folder / "train.windows.npy").write_bytes(b"half")
    np.testing.assert_array_equal(load_sides(store_once(sides, folder)).train.windows, sides.train.windows)


def test_the_folder_of_a_node_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    folder = node_folder("abc")
    assert folder.name == "abc"
    assert folder.parent.stat().st_mode & 0o077 == 0
