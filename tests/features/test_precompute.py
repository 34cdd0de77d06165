import signal
import subprocess
import sys

import numpy as np
import pytest

from kerashar.features import FeatureStack, StationaryWaveletTransform, WaveletTransform, precompute
from tests.support import random_signal

pytestmark = pytest.mark.once


def test_several_processes_give_what_one_gives(tmp_path):
    windows = random_signal(2500, 32, 2)
    stack = FeatureStack([WaveletTransform("haar", 2), StationaryWaveletTransform("haar", 1)], "channels")
    features = precompute(stack, windows, tmp_path / "features.npy", processes=2)
    np.testing.assert_array_equal(features, precompute(stack, windows, tmp_path / "features.npy", processes=1))
    np.testing.assert_allclose(features, stack.array(windows), atol=1e-6)
    assert isinstance(features, np.memmap)
    assert not features.flags.writeable
    assert [path.name for path in tmp_path.iterdir()] == ["features.npy"]


def test_memory_mapped_windows(tmp_path):
    np.save(tmp_path / "windows.npy", random_signal(8, 32, 1))
    windows = np.load(tmp_path / "windows.npy", mmap_mode="r")
    feature = WaveletTransform("haar", 2)
    np.testing.assert_array_equal(precompute(feature, windows, tmp_path / "f.npy", 1), feature.array(windows))


def test_its_processes_need_no_backend():
    code = (
        "import sys, pickle; from kerashar.features.arrays.wavelet import wavelet_transform;"
        "import kerashar.features.ahead_of_time; print('keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("windows", "name", "processes", "message"),
    [
        (np.zeros((2, 32, 1)), "f.npz", 1, "ends in .npy"),
        (np.zeros((2, 32, 1)), "f.npy", 0, "processes=0"),
        (np.zeros((0, 32, 1)), "f.npy", 1, "at least one window"),
        (np.zeros((2, 3, 1)), "f.npy", 1, "level"),
        (np.where(np.arange(2000) == 1500, np.nan, 0)[:, None, None] + np.zeros((1, 32, 1)), "f.npy", 1, "window 1500"),
    ],
)
def test_what_is_refused_leaves_no_file(windows, name, processes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        precompute(WaveletTransform("haar", 3), windows, tmp_path / name, processes)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_no_file(tmp_path):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    code = (
        "import sys, numpy as np; from functools import partial;"
        "from kerashar.features.ahead_of_time import precompute;"
        "from kerashar.features.arrays.wavelet import wavelet_transform;"
        "haar = partial(wavelet_transform, wavelet='haar', level=2, mode='zero');"
        "feature = type('Haar', (), {'check': lambda *_: None, 'array_function': lambda _: haar})();"
        "precompute(feature, np.zeros((3000, 32, 1), 'float32'), sys.argv[1], 1)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "features.npy")]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    assert "OSError" in done.stderr
    assert not list(tmp_path.iterdir())
