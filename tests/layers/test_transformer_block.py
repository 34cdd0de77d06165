import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import erf

from kerashar.layers import TransformerBlock
from tests.references import layer_normalise
from tests.support import check_layer, random_signal, run, scramble


def test_equals_the_formula():
    block = TransformerBlock(2, expansion=3)
    model = keras.Sequential([keras.Input((7, 6)), block])
    scramble(model)
    signal = random_signal(3, 7, 6)
    attended = ops.convert_to_numpy(block.attention(signal))  # tests/layers/test_self_attention.py holds its formula
    widen, widen_bias, narrow, narrow_bias = block.widen.get_weights() + block.narrow.get_weights()
    assert widen.shape == (6, 18)
    hidden = layer_normalise(attended, *block.norm.get_weights()) @ widen + widen_bias
    gelu = hidden * (1 + erf(hidden / np.sqrt(2))) / 2
    expected = attended + gelu @ narrow + narrow_bias
    np.testing.assert_allclose(run(model, signal), expected, atol=1e-5)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(block.attention_weights(signal)),
        ops.convert_to_numpy(block.attention.attention_weights(signal)),
    )


def test_layer_check(tmp_path):
    check_layer(lambda **kw: TransformerBlock(2, 2, dropout=0.1, seed=1, **kw), (4, 8, 4), tmp_path)


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_a_window_of_one_step(dropout):
    model = keras.Sequential([keras.Input((1, 4)), TransformerBlock(2, dropout=dropout)])
    assert np.isfinite(run(model, random_signal(2, 1, 4))).all()


@pytest.mark.parametrize(
    ("settings", "message"), [({"heads": 0}, "heads=0"), ({"expansion": 0}, "expansion=0"), ({"heads": 3}, "heads=3")]
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        TransformerBlock(**{"heads": 2, **settings})(random_signal(2, 5, 4))
