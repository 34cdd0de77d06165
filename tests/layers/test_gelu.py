"""GELU, which each backend computes its own way."""

import keras
import numpy as np
from keras import ops

from kerashar import backend
from tests.support import random_signal


def test_equals_that_of_keras():
    inputs = ops.convert_to_tensor(3 * random_signal(4, 8, 5))
    ours, theirs = (ops.convert_to_numpy(each) for each in (backend.gelu(inputs), keras.activations.gelu(inputs)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_its_gradient_equals_that_of_keras():
    inputs, weights = 3 * random_signal(4, 8, 5), ops.convert_to_tensor(random_signal(4, 8, 5, seed=1))
    ours = backend.input_gradient(lambda values: ops.sum(weights * backend.gelu(values)), inputs)
    theirs = backend.input_gradient(lambda values: ops.sum(weights * keras.activations.gelu(values)), inputs)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
