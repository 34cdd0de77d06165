from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.once


def test_facts(make_windows):
    windows = make_windows(["01", "02"])
    assert len(windows) == 8
    assert windows.window_shape == (8, 1)
    assert windows.num_classes == 2
    assert windows.class_counts() == {"sitting": 4, "walking": 4}
    assert windows.windows.dtype == np.float32
    assert windows.labels.dtype == windows.starts.dtype == np.int64


def test_select_by_mask_index_and_slice(make_windows):
    windows = make_windows(["01", "02"])
    by_mask = windows.select(windows.subjects == "02")
    for same in (windows.select(np.arange(4, 8)), windows.select(slice(4, None))):
        np.testing.assert_array_equal(same.windows, by_mask.windows)
        assert same.recordings.tolist() == by_mask.recordings.tolist() == ["recording-02"] * 4
    assert len(windows.select(np.zeros(8, bool))) == 0


def test_counts_a_class_without_windows(make_windows):
    windows = make_windows(["01"])
    assert windows.select(windows.labels == 1).class_counts() == {"sitting": 0, "walking": 2}


def test_names_the_first_window_that_is_not_finite(make_windows):
    windows = make_windows(["01", "02"])
    bad = windows.windows.copy()
    bad[[5, 6], 0, 0] = np.nan, np.inf
    with pytest.raises(ValueError, match="2 of 8 windows, first in recording 'recording-02' at sample 4"):
        replace(windows, windows=bad)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"windows": np.zeros((4, 8))}, r"\(windows, time, channels\).*\(4, 8\)"),
        ({"labels": [0, 1]}, r"labels of shape \(4,\).*\(2,\)"),
        ({"labels": [0, 1, 2, 0]}, "labels from 0 to 1. Received: 2"),
        ({"labels": [0, 1, -1, 0]}, "Received: -1"),
        ({"labels": [0.5, 1, 0, 0]}, "labels to be integers.*float64"),
        ({"subjects": ["01"]}, "subjects of shape"),
        ({"channels": ("x", "y")}, "1 channels"),
        ({"units": ()}, "1 units"),
        ({"rate": -1.0}, "positive rate"),
        ({"rate": float("inf")}, "positive rate"),
        ({"class_names": ("a", "a")}, "different class names"),
    ],
)
def test_refuses(make_windows, change, message):
    with pytest.raises(ValueError, match=message):
        replace(make_windows(["01"]), **change)
