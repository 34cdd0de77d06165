from dataclasses import replace

import numpy as np
import pytest

from kerashar.data import Recording, Segment

pytestmark = pytest.mark.once

GOOD = Recording(
    np.zeros((100, 2)),
    50.0,
    ("x", "y"),
    ("g", "rad/s"),
    "01",
    "a",
    (Segment("b", 60, 100), Segment("a", 0, 60)),
)


def test_signal_is_float32_and_segments_are_in_order():
    assert GOOD.signal.dtype == np.float32
    assert [segment.label for segment in GOOD.segments] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signal": np.zeros(5)}, r"Expected a signal \(time, channels\).*shape \(5,\)"),
        ({"signal": np.zeros((0, 2))}, r"Received: shape \(0, 2\)"),
        ({"rate": 0.0}, "positive rate"),
        ({"rate": float("nan")}, "positive rate"),
        ({"channels": ("x", "x")}, "2 different channel names"),
        ({"channels": ("x",)}, "2 different channel names"),
        ({"units": ("g",)}, "one unit per channel"),
        ({"subject": ""}, "subject=''"),
        ({"segments": (Segment("a", 0, 101),)}, "inside the 100 samples in recording 'a'.*0 to 101"),
        ({"segments": (Segment("a", 0, 50), Segment("b", 49, 60))}, "starts at 49.*ends at 50"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        replace(GOOD, **change)


def test_names_the_first_sample_that_is_not_finite():
    signal = np.zeros((100, 2))
    signal[[7, 9], 1] = np.nan, np.inf
    with pytest.raises(ValueError, match=r"in recording 'a'.*2 samples, first in sample 7"):
        replace(GOOD, signal=signal)


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (3, 3), (4, 3)])
def test_segment_refuses_empty_stretches(start, stop):
    with pytest.raises(ValueError, match="0 <= start < stop"):
        Segment("a", start, stop)


def test_segment_refuses_an_empty_label():
    with pytest.raises(ValueError, match="label"):
        Segment("", 0, 1)
