import keras
import numpy as np
from keras import ops

from kerashar.training.rehearsal import Rehearsal
from tests.support import random_signal


def test_starts_again_as_often_as_one_likes_and_leaves_the_model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(2)])
    before = [ops.convert_to_numpy(variable).copy() for variable in model.variables]
    rehearsal = Rehearsal(model, keras.optimizers.Adam(0.1), keras.losses.MeanSquaredError())
    inputs, targets = random_signal(8, 4), random_signal(8, 2)
    runs = []
    for _ in range(2):
        rehearsal.restart()
        keras.utils.set_random_seed(3)  # dropout on torch draws from its global state
        runs.append([rehearsal.step(inputs, targets) for _ in range(4)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 4
    for old, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), old)
