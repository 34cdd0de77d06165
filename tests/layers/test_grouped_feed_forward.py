import keras
import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional

from kerashar.layers import GroupedFeedForward
from tests.support import check_layer, random_signal, run, scramble


def test_equals_grouped_convolutions():
    layer = GroupedFeedForward(expansion=2)
    model = keras.Sequential([keras.Input((None, 3, 4)), layer])
    scramble(model)
    signal = random_signal(2, 5, 3, 4)
    outputs = torch.from_numpy(signal).reshape(2, 5, 12).transpose(1, 2)
    for dense in (layer.expand, layer.reduce):
        kernel, bias = (torch.from_numpy(np.array(value)) for value in dense.get_weights())  # (groups, in, out)
        filters = kernel.transpose(1, 2).reshape(-1, kernel.shape[1], 1)
        outputs = functional.conv1d(outputs, filters, bias.reshape(-1), groups=3)
        outputs = functional.gelu(outputs) if dense is layer.expand else outputs
    expected = outputs.transpose(1, 2).reshape(2, 5, 3, 4).numpy()
    np.testing.assert_allclose(run(model, signal), expected, atol=1e-5)


def test_each_group_starts_as_a_dense_layer_of_its_own():
    layer = GroupedFeedForward()
    layer.build((None, None, 50, 16))
    assert ops.convert_to_numpy(layer.expand.kernel).std() == pytest.approx(1 / np.sqrt(16), rel=0.05)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: GroupedFeedForward(2, dropout=0.2, seed=1, **kw), (4, 6, 2, 5), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"), [({"expansion": 0}, "expansion=0"), ({"dropout": 1.0}, "dropout=1.0")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        GroupedFeedForward(**settings)


def test_refuses_unknown_groups():
    with pytest.raises(ValueError, match="known groups"):
        GroupedFeedForward()(keras.Input((8, None, 4)))
