import numpy as np
import pytest
from keras import ops

from kerashar.layers import StochasticDepth
from tests.support import check_layer


def test_drops_whole_samples_and_keeps_the_mean():
    branch = np.ones((4000, 3, 2), "float32")
    outputs = ops.convert_to_numpy(StochasticDepth(0.25, seed=1)(branch, training=True))
    kept = outputs[:, 0, 0] != 0
    assert abs(kept.mean() - 0.75) < 0.03
    np.testing.assert_allclose(outputs[kept], 1 / 0.75, rtol=1e-6)
    assert (outputs[~kept] == 0).all()


def test_draws_anew_each_call_and_the_same_from_the_same_seed():
    branch = np.ones((64, 1), "float32")
    first, second = (StochasticDepth(0.5, seed=3) for _ in range(2))
    draws = [ops.convert_to_numpy(layer(branch, training=True)) for layer in (first, first, second)]
    assert (draws[0] != draws[1]).any()
    np.testing.assert_array_equal(draws[0], draws[2])


def test_does_nothing_at_inference():
    branch = np.ones((8, 1), "float32")
    np.testing.assert_array_equal(ops.convert_to_numpy(StochasticDepth(0.5)(branch)), branch)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: StochasticDepth(0.5, seed=1, **kw), (16, 8, 3), tmp_path)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_refuses_a_rate_out_of_range(rate):
    with pytest.raises(ValueError, match=f"rate={rate}"):
        StochasticDepth(rate)
