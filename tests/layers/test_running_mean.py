import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers.running_mean import running_mean
from tests.support import random_signal, run


def expected(signal, memory):
    signal = signal.astype("float64")
    past = [signal[:, max(0, end - (memory or end)) : end] for end in range(1, signal.shape[1] + 1)]
    return np.stack([part.mean(axis=1) for part in past], axis=1)


@pytest.mark.parametrize("memory", [None, 1, 2, 5, 8, 13, 40])
@pytest.mark.parametrize("time", [1, 13])
def test_equals_the_mean_of_the_past(memory, time):
    signal = random_signal(2, time, 3)
    outputs = ops.convert_to_numpy(running_mean(ops.convert_to_tensor(signal), memory))
    np.testing.assert_allclose(outputs, expected(signal, memory), atol=1e-6)


class RunningMean(keras.layers.Layer):
    def call(self, inputs):
        return running_mean(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape


def test_stays_exact_over_a_long_recording():
    signal = 1 + random_signal(1, 30_001, 4)
    counts = np.arange(1, signal.shape[1] + 1)[:, None]
    model = keras.Sequential([keras.Input((None, 4)), RunningMean()])
    np.testing.assert_allclose(run(model, signal), signal.cumsum(axis=1, dtype="float64") / counts, atol=1e-6)
