"""Real archives, one build of HAPT for all tests, and small archives to break."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kerashar.data import Recording, Segment, WindowSet, load_windows
from tests.data import publishers

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ROWS = 400


@pytest.fixture(scope="session")
def hapt_archive() -> Path:
    path = REAL_DATA / "hapt.zip"
    if not path.is_file():
        pytest.fail(f"The real archive is missing: {path}. These tests need the folder shared/ beside the checkout.")
    return path


@pytest.fixture(scope="session")
def hapt_cache(tmp_path_factory: pytest.TempPathFactory, hapt_archive: Path) -> Path:
    cache = tmp_path_factory.mktemp("hapt-cache")
    load_windows("hapt", archive=hapt_archive, cache=cache)
    return cache


@pytest.fixture(scope="session")
def hapt_windows(hapt_archive: Path, hapt_cache: Path) -> WindowSet:
    return load_windows("hapt", archive=hapt_archive, cache=hapt_cache)


def _axes(seed: int, rows: int = ROWS) -> str:
    values = np.random.default_rng(seed).normal(size=(rows, 3))
    return "".join(" ".join(f"{value:.6f}" for value in row) + "\n" for row in values)


MEMBERS = {
    "README.txt": "Università\n",
    "activity_labels.txt": "1 WALKING   \n4 SITTING \n7 STAND_TO_SIT\n",
    "RawData/labels.txt": "1 1 1 1 200\n1 1 7 201 210\n1 1 4 211 400\n2 3 4 5 300\n",
    "RawData/acc_exp01_user01.txt": _axes(1),
    "RawData/gyro_exp01_user01.txt": _axes(2),
    "RawData/acc_exp02_user03.txt": _axes(3),
    "RawData/gyro_exp02_user03.txt": _axes(4),
}


@pytest.fixture
def small_hapt(tmp_path: Path) -> Callable[..., Path]:
    """Writes an archive with two recordings of 400 samples; `changes` replace members, None drops one."""

    def write(changes: dict[str, str | None] | None = None, root: str = "Data/", name: str = "small.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, text in {**MEMBERS, **(changes or {})}.items():
                if text is not None:
                    archive.writestr(root + member, text.encode("latin-1"))
        return path

    return write


@pytest.fixture
def make_recording() -> Callable[..., Recording]:
    def make(subject: str = "01", name: str = "a", length: int = 200, label: str = "walking") -> Recording:
        values = np.arange(length * 2, dtype=np.float32).reshape(length, 2)
        segments = (Segment(label, 10, length - 10),)
        return Recording(values, 50.0, ("x", "y"), ("g", "g"), subject, name, segments)

    return make


def _noise(subject: str) -> np.ndarray:
    return np.random.default_rng([*subject.encode()]).normal(size=(4, 8, 1)).astype(np.float32)


@pytest.fixture
def make_windows() -> Callable[..., WindowSet]:
    """Four windows of eight samples per subject, each subject in a recording of its own."""

    def make(subjects: list[str], rate: float = 50.0) -> WindowSet:
        count = 4 * len(subjects)
        return WindowSet(
            windows=np.concatenate([_noise(subject) for subject in subjects]),
            labels=np.arange(count) % 2,
            subjects=np.repeat(subjects, 4),
            recordings=np.repeat([f"recording-{subject}" for subject in subjects], 4),
            starts=np.tile(np.arange(4) * 4, len(subjects)),
            rate=rate,
            channels=("x",),
            units=("g",),
            class_names=("sitting", "walking"),
        )

    return make


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small download of a data set; `changes` replace members, None drops one."""

    def write(name: str, changes: dict[str, str | bytes | None] | None = None) -> Path:
        return publishers.publish(name, tmp_path / f"{name}.zip", changes)

    return write


@pytest.fixture(scope="session")
def spsw_har_archive() -> Path:
    path = REAL_DATA / "spsw_har.zip"
    if not path.is_file():
        pytest.fail(f"The real archive is missing: {path}. These tests need the folder shared/ beside the checkout.")
    return path
