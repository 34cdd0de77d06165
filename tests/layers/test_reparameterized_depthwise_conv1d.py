import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional

from kerashar.layers import ReparameterizedDepthwiseConv1D
from tests.support import check_layer, random_signal


@pytest.fixture
def layer():
    layer = ReparameterizedDepthwiseConv1D(9, 3)
    layer.build((None, None, 4))
    generator = np.random.default_rng(0)
    layer.set_weights([generator.uniform(0.5, 2, size=weight.shape) for weight in layer.get_weights()])
    return layer


def by_definition(layer, signal, training):
    signal, total = torch.from_numpy(signal).transpose(1, 2), 0
    for convolution, normalization in zip(layer.convolutions, layer.normalizations, strict=True):
        kernel = torch.from_numpy(np.array(convolution.get_weights()[0]))
        gamma, beta, mean, variance = (torch.from_numpy(np.array(each)) for each in normalization.get_weights())
        branch = functional.conv1d(signal, kernel.permute(2, 1, 0), padding=len(kernel) // 2, groups=signal.shape[1])
        total += functional.batch_norm(branch, mean, variance, gamma, beta, training, eps=1e-5)
    return total.transpose(1, 2).numpy()


@pytest.mark.parametrize("training", [False, True])
def test_equals_the_definition(layer, training):
    signal = random_signal(3, 16, 4)
    expected = by_definition(layer, signal, training)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(signal, training=training)), expected, atol=1e-5)


def test_learns_statistics_as_torch_does(layer):
    signal, before = random_signal(3, 16, 4), layer.normalizations[0].get_weights()[2]
    convolved = ops.convert_to_numpy(layer.convolutions[0](signal))
    layer(signal, training=True)
    expected = 0.9 * before + 0.1 * convolved.mean(axis=(0, 1))
    np.testing.assert_allclose(layer.normalizations[0].get_weights()[2], expected, atol=1e-5)


def test_merged_layer_gives_the_same(layer):
    signal = random_signal(3, 16, 4)
    expected = ops.convert_to_numpy(layer(signal))
    merged = layer.merge()
    assert [weight.shape for weight in merged.weights] == [(9, 1, 4), (4,)]
    assert merged.get_config() == {**layer.get_config(), "merged": True}
    np.testing.assert_allclose(ops.convert_to_numpy(merged(signal)), expected, atol=1e-5)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(signal)), expected)
    with pytest.raises(ValueError, match="merged=True"):
        merged.merge()


def test_refuses_to_merge_what_has_no_weights():
    with pytest.raises(ValueError, match="built=False"):
        ReparameterizedDepthwiseConv1D(9).merge()


@pytest.mark.parametrize("merged", [False, True])
def test_layer_check(merged, tmp_path):
    check_layer(lambda **kw: ReparameterizedDepthwiseConv1D(5, 3, merged, **kw), (4, 8, 3), tmp_path)


def test_span():
    assert (ReparameterizedDepthwiseConv1D(31).span, ReparameterizedDepthwiseConv1D(31).strides) == (31, 1)


@pytest.mark.parametrize(("large", "small"), [(8, 5), (9, 4), (3, 5), (0, 1), (3, -1)])
def test_refuses_bad_sizes(large, small):
    with pytest.raises(ValueError, match="kernel_size="):
        ReparameterizedDepthwiseConv1D(large, small)
