"""Bringing irregular samples onto a regular clock."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerashar.data.resampling import even_times, resample, resample_together

pytestmark = pytest.mark.once


def sine(times, frequency):
    return np.sin(2 * np.pi * frequency * np.asarray(times))[:, None]


@pytest.mark.parametrize("start", [0.0, 8.38, 1.657e9])
def test_a_regular_source_is_unchanged_bit_for_bit(start):
    values = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    (stretch,) = resample(start + np.arange(500) / 50, values, 50.0)
    assert stretch.signal.tobytes() == values.tobytes()
    assert stretch.start == start
    np.testing.assert_array_equal(stretch.rows, np.arange(500))


def test_stamps_rounded_to_milliseconds_count_as_regular():
    values = np.random.default_rng(0).normal(size=(500, 1)).astype(np.float32)
    times = np.round(np.arange(500) / 64, 3)  # a period of 15.625 ms
    np.testing.assert_array_equal(resample(times, values, 64.0)[0].signal, values)


@pytest.mark.parametrize(("source", "tolerance"), [(100.0, 0.001), (102.44, 0.01), (50.0, 1e-6), (49.5, 0.06)])
def test_a_slow_sine_keeps_its_shape(source, tolerance):
    times = np.arange(int(10 * source)) / source
    (stretch,) = resample(times, sine(times, 5), 50.0)
    wanted = sine(np.arange(len(stretch.signal)) / 50, 5)
    np.testing.assert_allclose(stretch.signal[25:-25], wanted[25:-25], atol=tolerance)


def test_ten_hertz_from_100_to_50():
    times = np.arange(1000) / 100
    (stretch,) = resample(times, sine(times, 10), 50.0)
    assert len(stretch.signal) == 500
    wanted = sine(np.arange(500) / 50, 10)
    np.testing.assert_allclose(stretch.signal[25:-25], wanted[25:-25], atol=0.001)


@pytest.mark.parametrize("source", [100.0, 102.44, 200.0])
def test_what_the_rate_cannot_hold_is_filtered_out(source):
    times = np.arange(int(10 * source)) / source
    (stretch,) = resample(times, sine(times, 40), 50.0)  # would come back as 10 Hz
    assert np.abs(stretch.signal[25:-25]).max() < 0.08


def test_a_constant_stays_constant_to_the_edge():
    times = np.sort(np.random.default_rng(0).uniform(0, 10, 1000))
    (stretch,) = resample(times, np.full((1000, 1), 9.81), 20.0)
    np.testing.assert_allclose(stretch.signal, 9.81, rtol=1e-4)


def test_jitter_does_not_overshoot():
    times = np.sort(np.random.default_rng(0).uniform(0, 10, 600))
    values = np.random.default_rng(1).uniform(-1, 1, size=(600, 2))
    (stretch,) = resample(times, values, 100.0)
    assert np.abs(stretch.signal).max() <= 1 + 1e-6


def test_gaps_split():
    times = np.concatenate([np.arange(100) / 50, 5 + np.arange(70) / 50, [20.0], 30 + np.arange(2) / 50])
    first, second, third = resample(times, sine(times, 1), 50.0)
    assert [round(part.start, 6) for part in (first, second, third)] == [0.0, 5.0, 30.0]
    assert [len(part.signal) for part in (first, second, third)] == [100, 70, 2]  # the lone sample is left out
    np.testing.assert_array_equal(second.rows, np.arange(100, 170))


def test_a_gap_of_max_gap_is_bridged_and_a_longer_one_is_not():
    times = np.array([0.0, 0.1, 0.2, 0.7, 0.8])
    assert len(resample(times, times[:, None], 10.0, max_gap=0.5)) == 1
    assert len(resample(times, times[:, None], 10.0, max_gap=0.4)) == 2
    np.testing.assert_allclose(resample(times, times[:, None], 10.0)[0].signal[:, 0], np.arange(9) / 10, atol=1e-6)


def test_missing_rows_are_bridged_or_split():
    values = np.arange(300.0)[:, None].repeat(2, axis=1)
    values[50:53, 1] = np.nan
    values[200:260, 0] = np.nan
    first, second = resample(np.arange(300) / 100, values, 100.0)
    np.testing.assert_allclose(first.signal[:, 1], np.arange(200), atol=1e-3)
    np.testing.assert_array_equal(second.signal[:, 0], np.arange(260, 300))
    np.testing.assert_array_equal(second.rows, np.arange(260, 300))


def test_the_same_stamp_is_averaged():
    times = [0.0, 0.1, 0.1, 0.2]
    (stretch,) = resample(np.array(times), np.array([[0.0], [1.0], [3.0], [4.0]]), 10.0)
    assert stretch.signal[:, 0].tolist() == [0.0, 2.0, 4.0]
    assert stretch.rows.tolist() == [0, 1, 3]


def test_nothing_comes_of_nothing():
    assert resample(np.empty(0), np.empty((0, 3)), 50.0) == []
    assert resample(np.array([1.0]), np.ones((1, 3)), 50.0) == []
    assert resample(np.arange(3) / 50, np.full((3, 1), np.nan), 50.0) == []


@pytest.mark.parametrize(
    ("times", "values", "settings", "message"),
    [
        ([0, 2, 1], np.zeros((3, 1)), {}, r"never fall. Received: 1.0 in row 2 after 2.0"),
        ([0, np.nan, 1], np.zeros((3, 1)), {}, "finite time stamps. Received: nan in row 1"),
        ([0, 1, 2], [[0], [0], [np.inf]], {}, "infinity in row 2"),
        ([0, 1], np.zeros((3, 1)), {}, r"shapes \(2,\) and \(3, 1\)"),
        ([0, 1], np.zeros(2), {}, r"shapes \(2,\) and \(2,\)"),
        ([0, 1], np.zeros((2, 1)), {"rate": 0.0}, "positive rate"),
        ([0, 1], np.zeros((2, 1)), {"rate": np.nan}, "positive rate"),
        ([0, 1], np.zeros((2, 1)), {"max_gap": 0.0}, "max_gap above 0"),
        ([0, 1], np.zeros((2, 1)), {"max_gap": np.nan}, "max_gap above 0"),
    ],
)
def test_what_is_refused(times, values, settings, message):
    with pytest.raises(ValueError, match=message):
        resample(np.array(times, dtype=float), np.array(values, dtype=float), **{"rate": 10.0, **settings})


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.floats(0, 1.5, allow_subnormal=False), min_size=1, max_size=60),
    rate=st.sampled_from([1.0, 7.3, 20.0, 50.0]),
    seed=st.integers(0, 5),
)
def test_stretches_lie_inside_the_source(steps, rate, seed):
    times = np.cumsum(steps)
    values = np.random.default_rng(seed).uniform(-1, 1, size=(len(times), 2))
    stretches = resample(times, values, rate)
    end = -np.inf
    for stretch in stretches:
        assert stretch.start > end
        end = stretch.start + (len(stretch.signal) - 1) / rate
        assert times[0] <= stretch.start
        assert end <= times[-1] + 0.05 / rate + 1e-9
        assert np.isfinite(stretch.signal).all()
        assert np.abs(stretch.signal).max() < 2
        assert len(stretch.rows) == len(stretch.signal) >= 2
        assert (np.diff(stretch.rows) >= 0).all()
        at = stretch.start + np.arange(len(stretch.signal)) / rate
        nearest = np.abs(times[None] - at[:, None]).min(axis=1)
        np.testing.assert_allclose(np.abs(times[stretch.rows] - at), nearest, atol=1e-9)


def test_chunks_leave_no_seam(monkeypatch):
    from kerashar.data import resampling

    times = np.arange(4000) / 102.44
    values = np.random.default_rng(0).normal(size=(4000, 2))
    whole = resample(times, values, 50.0)[0].signal
    monkeypatch.setattr(resampling, "_CHUNK", 97)
    np.testing.assert_allclose(resample(times, values, 50.0)[0].signal, whole, atol=1e-6)


def test_sensors_with_stamps_of_their_own_come_together():
    slow, fast = np.arange(200) / 20, 0.013 + np.arange(1000) / 100
    (stretch,) = resample_together([(slow, sine(slow, 1)), (fast, sine(fast, 1))], 20.0)
    assert stretch.start == pytest.approx(0.013)
    wanted = sine(stretch.start + np.arange(len(stretch.signal)) / 20, 1)
    np.testing.assert_allclose(stretch.signal[10:-10], np.repeat(wanted, 2, axis=1)[10:-10], atol=0.01)


def test_together_only_where_all_sources_are():
    first, second = np.concatenate([np.arange(100), np.arange(300, 400)]) / 10, np.arange(50, 350) / 10
    stretches = resample_together([(first, first[:, None]), (second, second[:, None])], 10.0)
    assert [(round(part.start, 3), len(part.signal)) for part in stretches] == [(5.0, 50), (30.0, 50)]
    for part in stretches:
        np.testing.assert_allclose(part.signal[:, 0], part.signal[:, 1], atol=1e-5)
    assert stretches[1].rows.tolist() == list(range(100, 150))
    with pytest.raises(ValueError, match="a source or more"):
        resample_together([], 10.0)


def test_even_times_recover_when_samples_were_taken():
    taken = 1.657e9 + np.arange(1100) / 102.44
    arrived = np.ceil(taken / 0.04) * 0.04  # in bursts
    recovered = even_times(arrived)
    assert np.abs(arrived - taken).max() > 0.035
    assert np.abs(recovered - taken).max() < 0.005
    np.testing.assert_allclose(np.diff(recovered), 1 / 102.44, rtol=1e-3)


def test_even_times_refuse_lost_samples():
    taken = np.delete(np.arange(1100) / 100, slice(500, 520))
    with pytest.raises(ValueError, match="delayed but none lost"):
        even_times(taken)
    with pytest.raises(ValueError, match="two finite stamps"):
        even_times(np.array([1.0]))
