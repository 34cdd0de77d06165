import numpy as np
import pytest
from keras import ops

from kerashar.layers import HydraFeatures
from tests.references import convolve
from tests.support import random_signal


def counts(layer, window):
    """The features of one window `(time, channels)` by the paper, in the layer's order."""
    signal = np.round(window.astype("float64") * 512) / 512
    taps, channels = ops.convert_to_numpy(layer.taps) / 256, ops.convert_to_numpy(layer.chosen_channels)
    features = []
    for index, dilation in enumerate(layer.dilations):
        for source, values in enumerate((signal, np.diff(signal, axis=0))):
            best = np.zeros((layer.groups // 2, layer.kernels))
            worst = np.zeros_like(best)
            for group in range(layer.groups // 2):
                mixed = values @ channels[index, source, group]
                kernels = taps[index, source, group].T[:, None]  # (taps, 1, kernels)
                for outputs in convolve(mixed[None, :, None], kernels, dilation=dilation)[0]:
                    best[group, outputs.argmax()] += outputs.max()
                    worst[group, outputs.argmin()] += 1
            features += [best.ravel(), worst.ravel()]
    return np.concatenate(features)


@pytest.mark.parametrize("channels", [1, 5])
def test_equals_the_paper(channels):
    windows = random_signal(2, 40, channels)
    windows[0, 10:35] = 0.3  # a constant stretch: all kernels give exactly 0 there, and the first one wins
    layer = HydraFeatures(kernels=4, groups=6)
    features = ops.convert_to_numpy(layer(windows))
    assert layer.dilations == (1, 2, 4)
    assert (layer.span, layer.strides) == (33, 1)
    np.testing.assert_allclose(features, np.stack([counts(layer, window) for window in windows]), atol=1e-4)


def test_kernels_are_normalised_and_channels_drawn():
    layer = HydraFeatures()
    layer.build((None, 128, 20))
    taps = ops.convert_to_numpy(layer.taps) / 256
    assert taps.shape == (4, 2, 32, 8, 9)
    assert not taps.sum(axis=-1).any()
    np.testing.assert_allclose(np.abs(taps).sum(axis=-1), 1, atol=0.04)
    assert (ops.convert_to_numpy(layer.chosen_channels).sum(axis=-1) == 8).all()


def test_seed():
    signal = random_signal(2, 16, 3)
    first, again, other = (ops.convert_to_numpy(HydraFeatures(2, 2, seed=seed)(signal)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("settings", "message"), [({"kernels": 0}, "kernels=0"), ({"groups": 0}, "groups=0"), ({"groups": 3}, "groups=3")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        HydraFeatures(**settings)
