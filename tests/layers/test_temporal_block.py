import keras
import numpy as np
import pytest
import torch
from keras import ops

from kerashar.layers import TemporalBlock
from tests.support import check_layer, random_signal, scramble
from tests.torch_tcn import TorchTemporalBlock, count


@pytest.mark.parametrize(
    "settings",
    [
        {"filters": 4},
        {"filters": 3, "kernel_size": 2, "dilation_rate": 4},
        {"filters": 4, "weight_normalization": False},
    ],
)
def test_equals_the_published_block(settings):
    block = TemporalBlock(**settings)
    signal = random_signal(2, 12, 3)
    block.build(signal.shape)
    scramble(block)
    published = TorchTemporalBlock(block, channels=3)
    with torch.no_grad():
        expected = published(torch.tensor(signal).transpose(1, 2)).transpose(1, 2).numpy()
    assert block.count_params() == count(published)
    np.testing.assert_allclose(ops.convert_to_numpy(block(signal)), expected, atol=1e-5)


def test_each_activation_acts():
    signal = random_signal(2, 6, 3)
    outputs = []
    for activation in ("relu", "leaky_relu", "prelu", "gelu", "silu"):
        initializer = keras.initializers.HeNormal(seed=1)
        block = TemporalBlock(3, activation=activation, kernel_initializer=initializer)
        outputs.append(ops.convert_to_numpy(block(signal)))
    assert len({values.tobytes() for values in outputs}) == len(outputs)


def test_convolutions_and_dropouts_differ():
    block = TemporalBlock(3, dropout=0.5, kernel_initializer=keras.initializers.HeNormal(), seed=5)
    block.build((None, 9, 3))
    first, second = (ops.convert_to_numpy(convolution.kernel) for convolution in block.convolutions)
    assert (first != second).all()
    ones = np.ones((4, 9, 3), "float32")
    first, second = (ops.convert_to_numpy(dropout(ones, training=True)) for dropout in block.dropouts)
    assert (first != second).any()


def test_takes_any_window_length():
    block = TemporalBlock(4, dilation_rate=2)
    assert block(keras.Input((None, 3))).shape == (None, None, 4)
    for time in (1, 9):
        assert tuple(block(random_signal(2, time, 3)).shape) == (2, time, 4)


@pytest.mark.parametrize(
    "settings",
    [{"dilation_rate": 2}, {"activation": "prelu", "weight_normalization": False, "dropout": 0.2, "seed": 1}],
)
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: TemporalBlock(5, **settings, **kw), (4, 10, 3), tmp_path)


def test_span():
    assert TemporalBlock(4, 3, dilation_rate=4).span == 1 + 2 * 2 * 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters=0"),
        ({"kernel_size": 0}, "kernel_size=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"activation": "rellu"}, "relu"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        TemporalBlock(**{"filters": 4, **settings})
