import numpy as np
import pytest
from keras import ops

from kerashar.layers import FeatureStandardization
from tests.support import check_layer, random_signal


def test_equals_the_definition():
    features = 3 * random_signal(20, 4) + 7
    features[:, 2] = 5
    layer = FeatureStandardization()
    layer.fit(features)
    deviation = features.std(axis=0)
    deviation[2] = 1
    expected = (features - features.mean(axis=0)) / deviation
    np.testing.assert_allclose(ops.convert_to_numpy(layer(features)), expected, atol=1e-5)


def test_layer_check(tmp_path):
    check_layer(FeatureStandardization, (4, 6), tmp_path)


def test_refuses_other_features():
    layer = FeatureStandardization()
    layer.build((None, 3))
    for shape in ((5, 4), (1, 3), (5, 2, 3)):
        with pytest.raises(ValueError, match=r"features \(n, 3\), n > 1"):
            layer.fit(random_signal(*shape))
