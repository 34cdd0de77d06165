from itertools import combinations

import numpy as np
import pytest
from keras import ops

from kerashar.layers import MiniRocketFeatures
from tests.support import random_signal


def response(window, kernel, channels, dilation):
    """One kernel of weights 2 at three taps and -1 at the other six, over the zero-padded window `(time, channels)`."""
    high = list(combinations(range(9), 3))[kernel]
    outputs = np.zeros(len(window))
    for at in range(len(window)):
        for tap in range(9):
            source = at + (tap - 4) * dilation
            if 0 <= source < len(window):
                outputs[at] += (2 if tap in high else -1) * window[source, channels].sum()
    return outputs


def shares(layer, window):
    """The features of one window by the paper, in the layer's order."""
    window = np.round(window.astype("float64") * 8192) / 8192
    chosen, biases = ops.convert_to_numpy(layer.chosen_channels) == 1, ops.convert_to_numpy(layer.biases)
    features, first = [], 0
    for index, (dilation, count) in enumerate(zip(layer.dilations, layer.biases_each, strict=True)):
        kept = {}
        for kernel in range(84):
            outputs = response(window, kernel, chosen[index, :, kernel], dilation)
            padded = (index + kernel) % 2 == 0
            kept[kernel] = padded, outputs if padded else outputs[4 * dilation : len(window) - 4 * dilation]
        for wanted in (True, False):
            for row in range(first, first + count):
                features += [
                    np.mean(outputs > biases[row, kernel])
                    for kernel, (padded, outputs) in kept.items()
                    if padded is wanted
                ]
        first += count
    return np.array(features)


def test_equals_the_paper():
    windows = random_signal(3, 26, 3)
    layer = MiniRocketFeatures(84 * 11, max_dilations=4)
    layer.fit(windows)
    assert layer.dilations == (1, 2, 3)
    assert layer.biases_each == (6, 3, 2)  # of the four dilations wanted two are 1; what is left over goes first
    assert (layer.span, layer.strides) == (25, 1)
    features = ops.convert_to_numpy(layer(windows[:2]))
    expected = np.stack([shares(layer, window) for window in windows[:2]])
    # Not one comparison turns over: only the division into shares is rounded.
    np.testing.assert_allclose(features, expected, rtol=0, atol=1e-7)


def test_biases_are_quantiles_of_outputs():
    window = random_signal(1, 20, 2)
    layer = MiniRocketFeatures(84 * 2)
    layer.fit(window)
    chosen, biases = ops.convert_to_numpy(layer.chosen_channels) == 1, ops.convert_to_numpy(layer.biases)
    rounded = np.round(window[0].astype("float64") * 8192) / 8192
    level = 0
    for index, dilation in enumerate(layer.dilations):
        for kernel in range(84):
            outputs = response(rounded, kernel, chosen[index, :, kernel], dilation)
            level = (level + (np.sqrt(5) + 1) / 2) % 1
            np.testing.assert_allclose(biases[index, kernel], np.quantile(outputs, level), atol=1e-5)


def test_every_kernel_sees_one_to_nine_channels():
    layer = MiniRocketFeatures(84 * 8)
    layer.build((None, 64, 12))
    seen = ops.convert_to_numpy(layer.chosen_channels).sum(axis=1)
    assert set(np.unique(seen)) == set(range(1, 10))


def test_seed():
    windows = random_signal(4, 16, 3)
    first, again, other = (MiniRocketFeatures(84, seed=seed) for seed in (1, 1, 2))
    for layer in (first, again, other):
        layer.fit(windows)
    np.testing.assert_array_equal(ops.convert_to_numpy(first.biases), ops.convert_to_numpy(again.biases))
    assert (ops.convert_to_numpy(first.biases) != ops.convert_to_numpy(other.biases)).any()


@pytest.mark.parametrize(
    ("settings", "message"), [({"num_features": 83}, "num_features=83"), ({"max_dilations": 0}, "max_dilations=0")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        MiniRocketFeatures(**settings)


def test_refuses_windows_of_other_channels():
    layer = MiniRocketFeatures(84)
    layer.build((None, 16, 3))
    with pytest.raises(ValueError, match=r"windows \(n, time, 3\)"):
        layer.fit(random_signal(2, 16, 4))
