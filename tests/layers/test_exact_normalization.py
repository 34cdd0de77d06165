import keras
import numpy as np
from keras import ops

from kerashar.layers import ExactNormalization
from tests.support import check_layer, random_signal, run


def test_equals_the_definition_to_the_last_bit():
    windows = 3 * random_signal(50, 16, 4) + np.array([0, 9.81, -2, 100], "float32")
    layer = ExactNormalization()
    entry = keras.Input((16, 4))
    model = keras.Model(entry, layer(entry))
    layer.fit(windows)
    mean = windows.mean(axis=(0, 1), dtype="float64").astype("float32")
    deviation = windows.std(axis=(0, 1), dtype="float64").astype("float32")
    np.testing.assert_array_equal(run(model, windows), (windows - mean) * (1 / deviation))
    np.testing.assert_allclose(ops.convert_to_numpy(layer.inverse(layer(windows))), windows, atol=1e-4)


def test_layer_check(tmp_path):
    check_layer(ExactNormalization, (4, 8, 3), tmp_path)
