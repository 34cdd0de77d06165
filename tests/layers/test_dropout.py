import numpy as np
import pytest
from keras import ops

from kerashar.layers import Dropout
from tests.support import check_layer, random_signal


def drop(layer, inputs):
    return ops.convert_to_numpy(layer(inputs, training=True))


@pytest.mark.parametrize("shape", [(64, 128, 33), (1, 1, 3)])
def test_scales_what_it_keeps_and_drops_the_rest(shape):
    inputs = 1 + np.abs(random_signal(*shape))
    outputs = drop(Dropout(0.25, seed=1), inputs)
    kept = outputs != 0
    np.testing.assert_allclose(outputs[kept], inputs[kept] / 0.75, rtol=1e-6)
    if inputs.size > 1000:
        assert abs(kept.mean() - 0.75) < 0.005


def test_each_value_is_drawn_apart():
    kept = np.stack([drop(Dropout(0.5, seed=seed), np.ones((64, 64), "float32")) != 0 for seed in range(200)])
    share = kept.mean(axis=0)  # of each place over the seeds
    assert abs(share.std() - np.sqrt(0.25 / 200)) < 0.002
    for axis in (1, 2):  # neighbours share no bits
        pairs = np.corrcoef(kept.take(range(63), axis).ravel(), kept.take(range(1, 64), axis).ravel())[0, 1]
        assert abs(pairs) < 0.01


def test_draws_anew_each_call_and_the_same_from_the_same_seed():
    inputs = np.ones((16, 16), "float32")
    first, second, other = Dropout(0.5, seed=3), Dropout(0.5, seed=3), Dropout(0.5, seed=4)
    draws = [drop(layer, inputs) for layer in (first, first, second, other)]
    assert (draws[0] != draws[1]).any()
    assert (draws[0] != draws[3]).any()
    assert (draws[1] != draws[3]).any()
    np.testing.assert_array_equal(draws[0], draws[2])


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_does_nothing_at_inference_or_at_rate_0(rate, training):
    inputs = random_signal(4, 8)
    np.testing.assert_array_equal(ops.convert_to_numpy(Dropout(rate)(inputs, training=training)), inputs)


def test_an_empty_batch_stays_empty():
    assert drop(Dropout(0.5), np.zeros((0, 8, 3), "float32")).shape == (0, 8, 3)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: Dropout(0.5, seed=1, **kw), (4, 8, 3), tmp_path)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_refuses_a_rate_out_of_range(rate):
    with pytest.raises(ValueError, match=f"rate={rate}"):
        Dropout(rate)
