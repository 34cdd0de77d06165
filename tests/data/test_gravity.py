from dataclasses import replace

import numpy as np
import pytest

from kerashar.data import Recording, Segment, separate_gravity

pytestmark = pytest.mark.once

TIME = np.arange(3000) / 50.0
CHANNELS = tuple("abcdef")


def recording_of(signal: np.ndarray, rate: float = 50.0) -> Recording:
    return Recording(signal, rate, CHANNELS, ("g",) * 3 + ("rad/s",) * 3, "01", "r", (Segment("w", 0, 50),))


def amplitude(frequency: float, channel: int) -> float:
    """What is left of a sine of amplitude 1, away from the ends."""
    signal = np.tile(np.sin(2 * np.pi * frequency * TIME)[:, np.newaxis], 6)
    left = separate_gravity(recording_of(signal)).signal[500:-500, channel].astype(np.float64)
    return float(np.sqrt(2 * np.mean(left**2)))


def test_channels_units_and_everything_else():
    made = separate_gravity(recording_of(np.zeros((100, 6))))
    kinds = ("body_acceleration", "angular_rate", "total_acceleration")
    assert made.channels == tuple(f"{kind}_{axis}" for kind in kinds for axis in "xyz")
    assert made.units == ("g",) * 3 + ("rad/s",) * 3 + ("g",) * 3
    assert made.signal.shape == (100, 9)
    assert made.signal.dtype == np.float32
    assert (made.subject, made.recording_id, len(made.segments)) == ("01", "r", 1)


@pytest.mark.parametrize(
    ("frequency", "body", "turning", "total"),
    [
        (0.03, 0.0, 1.0, 1.0),  # posture: all gravity
        (0.3, 0.5, 1.0, 1.0),  # a filter run both ways passes half at its cut-off
        (2.0, 1.0, 1.0, 1.0),  # a step: all body
        (24.0, 0.0, 0.0, 0.0),  # above 20 Hz: noise
    ],
)
def test_bands(frequency, body, turning, total):
    assert amplitude(frequency, 0) == pytest.approx(body, abs=0.05)
    assert amplitude(frequency, 4) == pytest.approx(turning, abs=0.05)
    assert amplitude(frequency, 8) == pytest.approx(total, abs=0.05)


def test_nothing_is_shifted_in_time():
    signal = np.tile(np.exp(-(((TIME - 30) / 0.1) ** 2))[:, np.newaxis], 6)
    made = separate_gravity(recording_of(signal)).signal
    assert np.argmax(made, axis=0).tolist() == [1500] * 9


def test_a_spike_of_one_sample_is_taken_out():
    signal = np.zeros((300, 6))
    signal[150] = 50.0
    assert np.abs(separate_gravity(recording_of(signal)).signal).max() < 1e-6


def test_total_is_body_plus_what_changes_slowly():
    signal = np.random.default_rng(0).normal(size=(2000, 6)) + 1.0
    made = separate_gravity(recording_of(signal)).signal
    gravity = made[:, 6:] - made[:, :3]
    assert np.abs(np.diff(gravity, axis=0)).max() < 0.02
    assert gravity.mean() == pytest.approx(1.0, abs=0.05)


def test_refuses():
    good = recording_of(np.zeros((100, 6)))
    with pytest.raises(ValueError, match="6 channels in recording 'r'"):
        separate_gravity(replace(good, signal=np.zeros((100, 3)), channels=("a", "b", "c"), units=("g",) * 3))
    with pytest.raises(ValueError, match=r"above 40 Hz.*25.0 Hz"):
        separate_gravity(replace(good, rate=25.0))
    with pytest.raises(ValueError, match="more than 12 samples"):
        separate_gravity(replace(good, signal=np.zeros((12, 6)), segments=()))
