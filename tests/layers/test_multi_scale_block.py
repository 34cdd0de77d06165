import numpy as np
import pytest
from keras import ops

from kerashar.layers import MultiScaleBlock
from tests.support import check_layer, random_signal


@pytest.mark.parametrize(
    "settings",
    [
        {"squeeze_reduction": 1},
        {"dilation_rate": 2, "squeeze_reduction": None},
        {"squeeze_reduction": 1, "padding": "causal", "dropout": 0.2, "stochastic_depth": 0.1, "seed": 1},
    ],
)
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: MultiScaleBlock((3, 7), **settings, **kw), (4, 24, 8), tmp_path)


def test_a_causal_block_looks_back_only():
    block = MultiScaleBlock((2, 5), dilation_rate=2, squeeze_reduction=2, padding="causal")
    signal = random_signal(1, 24, 4)
    other = signal.copy()
    other[:, 12:] += 1
    before, after = (ops.convert_to_numpy(block(values)) for values in (signal, other))
    np.testing.assert_array_equal(after[:, :12], before[:, :12])
    assert (after[:, 12:] != before[:, 12:]).all()


def test_refuses_an_unknown_padding():
    with pytest.raises(ValueError, match="padding='valid'"):
        MultiScaleBlock((3, 7), padding="valid")
    with pytest.raises(ValueError, match="memory=4"):
        MultiScaleBlock((3, 7), memory=4)


def test_span():
    assert MultiScaleBlock((3, 7), dilation_rate=4).span == 1 + 2 * 6 * 4
