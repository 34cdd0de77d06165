import json

import keras
import numpy as np
import pytest
import torch
from keras import ops

from kerashar.layers import PhysicsLoss
from tests.support import random_signal


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
@pytest.mark.parametrize("channels", [None, (2, 0)])
def test_equals_torch_and_passes_features_through(channels, dtype):
    layer = PhysicsLoss(0.3, channels, dtype=dtype)
    features, window = random_signal(2, 6, 4), 3 * random_signal(2, 6, 3, seed=1)
    target = window if channels is None else window[..., list(channels)]
    decoded = random_signal(*target.shape, seed=2)
    outputs = layer([features, decoded, window], training=True)
    tolerance = 1e-6 if dtype == "float32" else 1e-3
    np.testing.assert_allclose(ops.convert_to_numpy(outputs), features, atol=tolerance, rtol=tolerance)
    error = torch.nn.SmoothL1Loss(beta=1.0)(torch.tensor(decoded), torch.tensor(target))
    (loss,) = layer.losses
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 0.3 * error.item(), rtol=tolerance)


def test_adds_nothing_outside_training():
    layer = PhysicsLoss(0.3)
    layer([random_signal(2, 6, 4), random_signal(2, 6, 3), random_signal(2, 6, 3, seed=1)])
    assert layer.losses == []


def test_stays_finite_in_half_precision():
    layer = PhysicsLoss(1.0, dtype="mixed_float16")
    decoded, window = np.zeros((64, 128, 3), "float32"), np.full((64, 128, 3), 2000, "float32")
    layer([np.zeros((64, 128, 4), "float32"), decoded, window], training=True)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.losses[0]), 1999.5, rtol=1e-3)


def test_config_and_shape():
    layer = PhysicsLoss(0.3, (2, 0), name="loss")
    again = PhysicsLoss.from_config(json.loads(json.dumps(layer.get_config())))
    assert again.get_config() == layer.get_config()
    shapes = (None, 6, 4), (None, 6, 2), (None, 6, 3)
    assert layer([keras.Input(shape[1:]) for shape in shapes]).shape == shapes[0]


def test_refuses_a_negative_weight():
    with pytest.raises(ValueError, match="weight=-1"):
        PhysicsLoss(-1)
