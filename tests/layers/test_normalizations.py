import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import BatchNormalization, LayerNormalization
from tests.support import check_layer, random_signal

SHAPES = [(64, 5), (6, 40, 5), (3, 8, 12, 5)]
PAIRS = [
    (BatchNormalization, lambda: keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)),
    (LayerNormalization, lambda: keras.layers.LayerNormalization(epsilon=1e-6)),
    (
        lambda: LayerNormalization(center=False),
        lambda: keras.layers.LayerNormalization(epsilon=1e-6, center=False),
    ),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pair", PAIRS, ids=["batch", "layer", "layer without centre"])
def test_equal_those_of_keras(pair, shape, training):
    inputs = 3 + 2 * random_signal(*shape)
    ours, theirs = (make() for make in pair)
    for layer in (ours, theirs):
        layer.build(shape)
    weights = [0.5 + np.abs(random_signal(5, seed=seed)) for seed in range(len(ours.weights))]
    for layer in (ours, theirs):
        layer.set_weights(weights)
    settings = {"training": training} if isinstance(ours, BatchNormalization) else {}
    outputs = [ops.convert_to_numpy(layer(inputs, **settings)) for layer in (ours, theirs)]
    # Keras' layer normalisation rounds more than ours.
    np.testing.assert_allclose(*outputs, rtol=0, atol=1e-5)
    for own, other in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(own.numpy(), other.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pair", PAIRS, ids=["batch", "layer", "layer without centre"])
def test_learn_as_those_of_keras(pair, shape):
    """Every gradient moves a weight by itself: that of the inputs reaches the layer ahead."""
    inputs, targets = 3 + 2 * random_signal(*shape), random_signal(*shape, seed=1)
    learned = []
    for make in pair:
        keras.utils.set_random_seed(0)
        entry = keras.Input(shape[1:])
        model = keras.Model(entry, make()(keras.layers.Dense(5)(entry)))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.train_on_batch(inputs, targets)
        learned.append(model.get_weights())
    for own, other in zip(*learned, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-5)


def test_batch_of_one_row():
    layer = BatchNormalization()
    np.testing.assert_allclose(ops.convert_to_numpy(layer(random_signal(1, 5), training=True)), 0, atol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), 0.9, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layer", [BatchNormalization, LayerNormalization])
def test_layer_check(layer, shape, tmp_path):
    check_layer(layer, shape, tmp_path)
