import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import ModernTCNBlock
from tests.support import check_layer, random_signal, run, scramble


def test_merged_block_gives_the_same():
    block = ModernTCNBlock(3, 1, expansion=2)
    model = keras.Sequential([keras.Input((None, 3, 4)), block])
    scramble(model)
    signal = random_signal(2, 5, 3, 4)
    merged = block.merge()
    assert merged.get_config() == {**block.get_config(), "merged": True}
    np.testing.assert_allclose(ops.convert_to_numpy(merged(signal)), run(model, signal), atol=1e-5)
    with pytest.raises(ValueError, match="merged=True"):
        merged.merge()


def test_layer_check(tmp_path):
    check_layer(lambda **kw: ModernTCNBlock(5, 3, 2, dropout=0.1, seed=1, **kw), (4, 7, 3, 2), tmp_path)


def test_span():
    assert (ModernTCNBlock(31).span, ModernTCNBlock(31).strides) == (31, 1)
