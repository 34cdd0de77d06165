import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import SinusoidalPositions
from tests.support import check_layer, random_signal, run


def positions(time, channels):
    """Sines, then cosines, of as many waves as they need; the last cosine goes where channels are odd."""
    waves = -(-channels // 2)
    rates = [10_000 ** -(wave / waves) for wave in range(waves)]
    rows = [[np.sin(step * rate) for rate in rates] + [np.cos(step * rate) for rate in rates] for step in range(time)]
    return np.array(rows)[:, :channels]


@pytest.mark.parametrize("channels", [1, 5, 6])
def test_equals_the_formula(channels):
    signal = random_signal(2, 9, channels)
    outputs = ops.convert_to_numpy(SinusoidalPositions()(signal))
    np.testing.assert_allclose(outputs, signal + positions(9, channels), atol=1e-6)


def test_takes_any_window_length():
    model = keras.Sequential([keras.Input((None, 4)), SinusoidalPositions()])
    for time in (1, 7):
        signal = random_signal(2, time, 4)
        np.testing.assert_allclose(run(model, signal), signal + positions(time, 4), atol=1e-6)


def test_half_precision_holds_a_late_step():
    outputs = ops.cast(SinusoidalPositions(dtype="mixed_bfloat16")(np.zeros((1, 1001, 2), "float32")), "float32")
    np.testing.assert_allclose(ops.convert_to_numpy(outputs)[0, 1000], positions(1001, 2)[1000], atol=5e-3)


def test_layer_check(tmp_path):
    check_layer(SinusoidalPositions, (4, 8, 3), tmp_path)


def test_refuses_unknown_channels():
    with pytest.raises(ValueError, match="known number of channels"):
        SinusoidalPositions()(keras.Input((8, None)))
