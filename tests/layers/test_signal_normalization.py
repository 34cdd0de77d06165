import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import SignalNormalization
from tests.support import check_layer, random_signal, run


def test_equals_numpy_and_inverts():
    windows = random_signal(20, 16, 3) * [1, 5, 0.01] + [0, 9.81, -2]
    windows = windows.astype("float32")
    layer = SignalNormalization()
    layer.fit(windows)
    normalised = ops.convert_to_numpy(layer(windows))
    expected = (windows - windows.mean(axis=(0, 1))) / windows.std(axis=(0, 1))
    np.testing.assert_allclose(normalised, expected, atol=1e-3)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.inverse(normalised)), windows, atol=1e-4)


def test_chosen_channels_have_their_own_figures():
    windows = (random_signal(20, 16, 3) * [1, 5, 0.01] + [0, 9.81, -2]).astype("float32")
    layer = SignalNormalization()
    layer.fit(windows)
    expected = ops.convert_to_numpy(layer(windows))[..., [2, 0]]
    chosen = layer(windows[..., [2, 0]], channels=(2, 0))
    np.testing.assert_allclose(ops.convert_to_numpy(chosen), expected, atol=1e-5)
    again = layer(chosen, inverse=True, channels=(2, 0))
    np.testing.assert_allclose(ops.convert_to_numpy(again), windows[..., [2, 0]], atol=1e-5)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer.inverse(chosen, (2, 0))), ops.convert_to_numpy(again))


def test_one_graph_can_call_it_both_ways():
    layer = SignalNormalization()
    window = keras.Input((None, 3))
    model = keras.Model(window, layer(layer(window), inverse=True))
    windows = random_signal(8, 16, 3) * 5 + 2
    layer.fit(windows)
    np.testing.assert_allclose(run(model, windows), windows, atol=1e-5)
    assert len(model.weights) == 2


def test_a_constant_channel_is_centred_and_not_blown_up():
    windows = random_signal(20, 16, 2)
    windows[..., 1] = 9.81
    layer = SignalNormalization()
    layer.fit(windows)
    assert np.abs(ops.convert_to_numpy(layer(windows))[..., 1]).max() < 1e-5


def test_a_second_fit_forgets_the_first():
    layer = SignalNormalization()
    layer.fit(random_signal(8, 16, 2) + 100)
    layer.fit(random_signal(8, 16, 2))
    assert np.abs(ops.convert_to_numpy(layer.mean)).max() < 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_windows_that_are_not_finite(bad):
    windows = random_signal(4, 8, 2)
    windows[1, 2, 0] = bad
    with pytest.raises(ValueError, match="finite"):
        SignalNormalization().fit(windows)


def test_refuses_other_shapes():
    layer = SignalNormalization()
    layer.build((None, 8, 2))
    for shape in ((4, 8, 3), (4, 2), (0, 8, 2)):
        with pytest.raises(ValueError, match="Expected windows"):
            layer.fit(np.zeros(shape, "float32"))


def test_layer_check(tmp_path):
    check_layer(SignalNormalization, (2, 8, 3), tmp_path)
