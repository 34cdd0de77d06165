import keras
import numpy as np
import pytest

from kerashar.layers import EdgePadding1D
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("multiple", [1, 2, 4])
def test_equals_the_definition(multiple):
    model = keras.Sequential([keras.Input((None, 3)), EdgePadding1D(multiple)])
    for time in (1, 6, 8):
        signal = random_signal(2, time, 3)
        expected = np.pad(signal, ((0, 0), (0, -time % multiple), (0, 0)), mode="edge")
        np.testing.assert_array_equal(run(model, signal), expected)


def test_layer_check(tmp_path):
    check_layer(lambda **kw: EdgePadding1D(4, **kw), (4, 10, 2, 3), tmp_path)


def test_refuses_a_multiple_below_one():
    with pytest.raises(ValueError, match="multiple_of=0"):
        EdgePadding1D(0)
