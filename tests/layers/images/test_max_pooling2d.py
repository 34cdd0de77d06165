import keras
import numpy as np
import pytest

from kerashar.layers.images import MaxPooling2D
from tests.support import check_layer, random_signal, run


@pytest.mark.parametrize("settings", [{}, {"pool_size": 3, "strides": 1, "padding": "same"}, {"padding": "same"}])
def test_equals_that_of_keras(settings):
    image = random_signal(2, 7, 5, 3)
    ours, theirs = (
        keras.Sequential([keras.Input((7, 5, 3)), layer(**settings)])
        for layer in (MaxPooling2D, keras.layers.MaxPooling2D)
    )
    np.testing.assert_array_equal(run(ours, image), run(theirs, image))


def test_layer_check(tmp_path):
    check_layer(MaxPooling2D, (2, 6, 5, 4), tmp_path)
