import keras
import numpy as np
import torch
from keras import ops
from torch.nn.utils.parametrizations import weight_norm

from kerashar.layers import Conv1D, WeightNormalizedConv1D
from tests.support import check_layer, random_signal, scramble


def test_equals_torch():
    layer = WeightNormalizedConv1D(4, 3, padding="valid", dilation_rate=2)
    signal = random_signal(2, 9, 3)
    layer.build(signal.shape)
    scramble(layer)
    direction, gain, bias = layer.get_weights()
    reference = weight_norm(torch.nn.Conv1d(3, 4, 3, dilation=2))
    learned = reference.parametrizations.weight
    with torch.no_grad():
        learned.original0.copy_(torch.tensor(gain)[:, None, None])
        learned.original1.copy_(torch.tensor(direction).permute(2, 1, 0))
        reference.bias.copy_(torch.tensor(bias))
        expected = reference(torch.tensor(signal).transpose(1, 2)).transpose(1, 2).numpy()
    assert layer.count_params() == sum(weight.numel() for weight in reference.parameters())
    np.testing.assert_allclose(ops.convert_to_numpy(layer(signal)), expected, atol=1e-5)


def test_starts_as_the_convolution_without_it():
    initializer = keras.initializers.HeNormal(seed=3)
    signal = random_signal(2, 9, 3)
    normalized = WeightNormalizedConv1D(4, 3, kernel_initializer=initializer)(signal)
    plain = Conv1D(4, 3, kernel_initializer=initializer)(signal)
    np.testing.assert_allclose(ops.convert_to_numpy(normalized), ops.convert_to_numpy(plain), atol=1e-6)


def test_a_length_of_the_direction_changes_nothing():
    layer = WeightNormalizedConv1D(4, 3)
    layer.build((None, 9, 3))
    before = ops.convert_to_numpy(layer.kernel)
    layer.direction.assign(ops.convert_to_numpy(layer.direction) * 7)
    np.testing.assert_allclose(ops.convert_to_numpy(layer.kernel), before, atol=1e-6)


def test_keeps_small_kernels_in_half_precision():
    layer = WeightNormalizedConv1D(4, 3, kernel_initializer=keras.initializers.Constant(1e-4), dtype="mixed_float16")
    outputs = ops.convert_to_numpy(layer(np.ones((1, 5, 8), "float32")))
    np.testing.assert_allclose(outputs[:, 1:-1], 24e-4, rtol=1e-2)


def test_zeros_stay_finite():
    outputs = WeightNormalizedConv1D(4, 3, kernel_initializer="zeros")(random_signal(2, 5, 3))
    assert (ops.convert_to_numpy(outputs) == 0).all()


def test_layer_check(tmp_path):
    settings = {"padding": "causal", "dilation_rate": 2, "strides": 2, "use_bias": False}
    check_layer(lambda **kw: WeightNormalizedConv1D(5, 3, **settings, **kw), (4, 10, 3), tmp_path)
