from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerashar.data import Recording, Segment, at_rate

pytestmark = pytest.mark.once


def recording(length: int, rate: float, *segments: Segment) -> Recording:
    times = np.arange(length) / rate
    signal = np.stack([np.sin(2 * np.pi * 2 * times), np.cos(2 * np.pi * 1 * times)], axis=1)
    return Recording(signal, rate, ("x", "y"), ("g", "g"), "01", "a", segments)


@pytest.mark.parametrize("rate", [25.0, 50.0, 100.0, 64.0])
def test_slow_waves_stay_as_they_are(rate):
    found = at_rate(recording(1000, 50.0), rate).signal
    expected = recording(len(found), rate).signal
    edge = int(rate / 2)  # the filter sees less on one side there
    np.testing.assert_allclose(found[edge:-edge], expected[edge:-edge], atol=0.02)


def test_the_same_rate_changes_nothing():
    source = recording(300, 50.0, Segment("walking", 20, 280))
    same = at_rate(source, 50.0)
    np.testing.assert_array_equal(same.signal, source.signal)
    assert [(part.start, part.stop) for part in same.segments] == [(20, 280)]


@settings(max_examples=50, deadline=None)
@given(st.integers(10, 300), st.sampled_from([20.0, 50.0, 104.3]), st.sampled_from([10.0, 25.0, 50.0]), st.data())
def test_each_sample_keeps_the_label_of_its_time(length, source_rate, rate, data):
    edges = sorted(data.draw(st.sets(st.integers(0, length), min_size=2, max_size=6)))
    segments = [Segment("ab"[number % 2], *pair) for number, pair in enumerate(pairwise(edges))]
    found = at_rate(recording(length, source_rate, *segments), rate)
    for segment in found.segments:
        times = np.arange(segment.start, segment.stop) / rate
        inside = [part for part in segments if part.label == segment.label]
        for time in times:
            assert any(part.start / source_rate - 1e-6 <= time < part.stop / source_rate + 1e-6 for part in inside)


def test_refuses_what_is_too_short():
    with pytest.raises(ValueError, match=r"two samples or more at 1 Hz\. Received: 'a' of 20 samples at 50 Hz"):
        at_rate(recording(20, 50.0), 1.0)
    with pytest.raises(ValueError, match="positive rate"):
        at_rate(recording(20, 50.0), 0.0)
