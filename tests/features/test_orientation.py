import numpy as np
import pytest
from scipy import signal

from kerashar.features.orientation.gravity_separation import GravitySeparation
from kerashar.features.orientation.jerk import Jerk
from kerashar.features.orientation.magnitude import Magnitude
from tests.features.support import assert_close, check_feature, numbers

WINDOWS = np.random.default_rng(0).normal(2, 1, size=(2, 33, 6)).astype("float32")


def test_magnitude_is_the_norm_of_each_triple():
    expected = np.stack([np.linalg.norm(WINDOWS[..., :3], axis=-1), np.linalg.norm(WINDOWS[..., 3:], axis=-1)], axis=-1)
    assert_close(check_feature(Magnitude(), WINDOWS), expected)
    assert_close(Magnitude(((3, 4, 5),))(WINDOWS), expected[..., 1:])


def test_gravity_is_what_scipy_filters():
    acceleration = WINDOWS[..., [3, 4, 5]]
    sections = signal.butter(3, 0.5, fs=20, output="sos")
    gravity = signal.sosfiltfilt(sections, acceleration, axis=1)
    outputs = check_feature(GravitySeparation(20.0, cutoff=0.5, triples=((3, 4, 5),)), WINDOWS)
    assert_close(outputs, np.concatenate([gravity, acceleration - gravity], axis=-1))


def test_gravity_and_movement_come_apart():
    seconds = np.arange(500, dtype="float32") / 50
    movement = np.sin(2 * np.pi * 2 * seconds)[:, None] * np.ones(3, "float32")
    gravity, body = np.split(numbers(GravitySeparation(50.0)((movement + 9.81)[None])), 2, axis=-1)
    assert_close(gravity[0, 100:-100], np.full((300, 3), 9.81), tolerance=1e-2)
    assert_close(body[0, 100:-100], movement[100:-100], tolerance=1e-1)


def test_jerk_is_the_gradient_of_numpy():
    assert_close(check_feature(Jerk(20.0), WINDOWS), np.gradient(WINDOWS, 1 / 20, axis=1))
    assert_close(Jerk(20.0)(WINDOWS[:, :2]), Jerk(20.0).array(WINDOWS[:, :2]))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Magnitude(((0, 1),)), "triples="),
        (lambda: Magnitude(((0, 1, -1),)), "triples="),
        (lambda: Magnitude()(WINDOWS[..., :4]), "channels=4"),
        (lambda: Magnitude(((4, 5, 6),))(WINDOWS), "the 6 channels"),
        (lambda: GravitySeparation(20.0, cutoff=10), "cutoff=10"),
        (lambda: GravitySeparation(20.0)(WINDOWS[:, :12]), "time=12"),
        (lambda: GravitySeparation(20.0)(np.zeros((1, 2049, 3), "float32")), "time=2049"),
        (lambda: Jerk(-1.0), "sampling_rate=-1"),
        (lambda: Jerk(20.0)(WINDOWS[:, :1]), "time=1"),
    ],
)
def test_refuses(build, message):
    with pytest.raises(ValueError, match=message):
        build()
