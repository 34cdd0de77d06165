"""Every registered feature inside one compiled model: a fit step, the gradient through each, save and load."""

import json

import keras
import numpy as np
import pytest

from kerashar.features import create_features, list_features
from kerashar.features.registry import FEATURES, home
from kerashar.models import load_model, save_model
from tests.packaging.test_packaging import ROOT
from tests.support import check_every_weight_learns, random_signal

# Settings for windows of 48 samples and 6 channels at 20 Hz, and for images of 16 by 16; None: takes images alone.
SIGNALS = {
    "autocorrelation": {"lags": (1, 3)},
    "band_power": {"bands": ((0.5, 3.0), (3.0, 9.0))},
    "channel_correlations": {},
    "continuous_wavelet_transform": {"frequencies": (1.0, 4.0)},
    "difference_of_gaussians": {},
    "fourier_spectrum": {},
    "frequency_bands": {"segment": 32, "hop": 16, "bands": 4},
    "gaussian_derivative": {},
    "gaussian_pyramid": {},
    "gaussian_smoothing": {},
    "gravity_separation": {},
    "jerk": {},
    "magnitude": {},
    "power_spectral_density": {"segment": 16},
    "scale_space": {"sigmas": (1.0, 2.0)},
    "signal_entropy": {},
    "signal_statistics": {},
    "spectral_shape": {},
    "spectrogram": {"segment": 16, "hop": 8},
    "stationary_wavelet_transform": {"level": 2},
    "wavelet_packet": {"wavelet": "haar"},
    "wavelet_transform": {"wavelet": "haar"},
}
IMAGES = {
    "difference_of_gaussians": {},
    "edge_magnitude": {},
    "gaussian_derivative": {},
    "gaussian_pyramid": {},
    "gaussian_smoothing": {},
    "grayscale": {},
    "heat_map": {},
    "image_gradients": {},
    "laplacian_edges": {},
    "scale_space": {"sigmas": (1.0, 2.0)},
    "stationary_wavelet_transform": {"wavelet": "haar", "level": 1},
    "wavelet_packet": {"wavelet": "haar", "level": 1},
    "wavelet_transform": {"wavelet": "haar", "level": 1},
}
NOT_DIFFERENTIABLE = {"heat_map", "signal_entropy"}


@pytest.mark.once
def test_every_feature_is_tested_here_and_has_a_test_of_its_own():
    assert set(SIGNALS) | set(IMAGES) == set(list_features())
    assert len(set(home(FEATURES).values())) == len(FEATURES)
    texts = "".join(path.read_text() for path in (ROOT / "tests" / "features").glob("test_*.py"))
    assert not [name for name in home(FEATURES) if f"{name}(" not in texts]


@pytest.mark.parametrize(("settings", "shape"), [(SIGNALS, (48, 6)), (IMAGES, (16, 16, 3))])
def test_all_in_one_model(settings, shape, tmp_path):
    inputs = keras.Input(shape)
    branches = []
    for name, feature in zip(settings, create_features(settings, sampling_rate=20.0), strict=True):
        branch = inputs
        if name not in NOT_DIFFERENTIABLE:  # a Dense ahead, so that the gradient has to pass through it
            branch = keras.layers.Dense(shape[-1], use_bias=False)(branch)  # many features ignore an offset
        branches.append(keras.layers.Dense(1)(keras.layers.Flatten()(feature(branch))))
    model = keras.Model(inputs, keras.layers.Concatenate()(branches))
    check_every_weight_learns(model, random_signal(4, *shape))
    save_model(model, tmp_path / "features.keras")
    loaded = load_model(tmp_path / "features.keras")
    # With the weights this is all there is: features have none.
    assert json.dumps(loaded.get_config()) == json.dumps(model.get_config())
    for weight, again in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(again, weight)
