import numpy as np
from keras import ops

from kerashar.layers import SparseScaling
from tests.support import check_layer, random_signal


def test_equals_the_paper():
    features = 5 * random_signal(30, 4)
    features[:28, 1] = 0
    features[:, 3] = 0
    layer = SparseScaling()
    layer.fit(features)
    roots = np.sqrt(features.clip(0).astype("float64"))
    expected = np.zeros_like(roots)
    for column, values in enumerate(roots.T):
        epsilon = np.mean(values == 0) ** 4 + 1e-8
        deviation = np.sqrt(np.sum((values - values.mean()) ** 2) / (len(values) - 1)) + epsilon
        for row, value in enumerate(values):
            expected[row, column] = 0 if value == 0 else (value - values.mean()) / deviation
    np.testing.assert_allclose(ops.convert_to_numpy(layer(features)), expected, rtol=1e-4, atol=1e-5)


def test_layer_check(tmp_path):
    check_layer(SparseScaling, (4, 6), tmp_path)
