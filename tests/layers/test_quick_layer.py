from collections import Counter
from typing import ClassVar

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import Dense, Dropout, QuickLayer
from kerashar.layers.images import FeedForward
from tests.support import random_signal, run

TORCH = keras.backend.backend() == "torch"


class Reading(QuickLayer):
    """Tells in which data type its weight is read, and whether it trains."""

    read: ClassVar[list[tuple[str, bool]]] = []

    def build(self, input_shape):
        self.offset = self.add_weight(shape=(), initializer="zeros")

    def call(self, inputs, training=False):
        self.read.append((keras.backend.standardize_dtype(ops.convert_to_tensor(self.offset).dtype), training))
        return inputs + ops.cast(self.offset, inputs.dtype)


@pytest.fixture
def checked(monkeypatch):
    """How often Keras checked a call, by the layer's name."""
    counts, whole = Counter(), keras.layers.Layer.__call__

    def counted(self, *args, **kwargs):
        counts[self.name] += 1
        return whole(self, *args, **kwargs)

    monkeypatch.setattr(keras.layers.Layer, "__call__", counted)
    return counts


def test_torch_checks_a_kind_of_call_once(checked):
    layer, signal = Dense(4, name="dense"), ops.convert_to_tensor(random_signal(2, 7, 5))
    outputs = [ops.convert_to_numpy(layer(signal)) for _ in range(3)]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[0], outputs[2])
    assert checked["dense"] == (1 if TORCH else 3)
    layer(signal[:1])
    assert checked["dense"] == (1 if TORCH else 4), "the number of samples matters to no check"
    layer(signal[:, :3])
    assert checked["dense"] == (2 if TORCH else 5), "another length is another kind"


def test_checks_what_could_be_wrong():
    layer = Dense(4)
    layer(ops.ones((2, 5)))
    layer(ops.ones((2, 5)))
    with pytest.raises(ValueError, match="expected axis -1"):
        layer(ops.ones((2, 6)))
    from_array = layer(np.ones((1, 5), "float32"))  # no tensor, and converted as ever
    np.testing.assert_array_equal(ops.convert_to_numpy(from_array), ops.convert_to_numpy(layer(ops.ones((1, 5)))))
    assert isinstance(layer(keras.Input((5,))), keras.KerasTensor)


def test_reads_weights_in_its_own_data_type():
    layers = [Reading(dtype="float32"), Reading(dtype="mixed_bfloat16")]
    entry = keras.Input((3,))
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        outputs = layers[0](ops.cast(layers[1](entry), "float32"))
        model = keras.Model(entry, outputs)
    finally:
        keras.config.set_dtype_policy("float32")
    Reading.read.clear()
    for _ in range(3):
        run_eagerly(model, training=False)
    assert Reading.read == [("bfloat16", False), ("float32", False)] * 3


def test_hands_on_whether_it_trains():
    entry = keras.Input((3,))
    model = keras.Model(entry, Reading()(entry))
    Reading.read.clear()
    for training in (True, True, False, False, True):
        run_eagerly(model, training=training)
    assert [training for _, training in Reading.read] == [True, True, False, False, True]


def test_asks_the_network_around_it_whether_it_trains():
    class Around(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.drop = Dropout(0.5, seed=0)

        def call(self, inputs, training=False):
            return self.drop(inputs)  # not told

    around, ones = Around(), ops.ones((4, 64))
    for training in (False, True, False, True, True):
        dropped = ops.convert_to_numpy(around(ones, training=training)) == 0
        assert dropped.any() == training


def test_a_block_learns_alike_from_either_call(checked):
    """The same network trained with and without what torch leaves out ends at the same weights."""
    signal, weights = random_signal(8, 5, 6), []
    for quick in (True, False):
        keras.utils.set_random_seed(0)
        block = FeedForward(12, name="block")
        model = keras.Sequential([keras.Input((5, 6)), block, keras.layers.Dropout(0.5, seed=1), Dense(2)])
        if not quick:
            for layer in [block, block.widen, block.narrow, model.layers[-1]]:
                layer.activity_regularizer = keras.regularizers.L2(0.0)  # only Keras' own call adds its loss
        model.compile("sgd", "mse", run_eagerly=TORCH)
        model.fit(signal, np.ones((8, 5, 2)), epochs=3, batch_size=4, verbose=0)
        weights.append(model.get_weights())
        if TORCH:
            assert (checked["block"] < 5) == quick
        checked.clear()
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", ["forward_pre_hook", "forward_hook", "full_backward_hook"])
def test_calls_hooks_of_pytorch(kind):
    layer, seen = Dense(2), []
    layer(ops.ones((1, 3)))
    if not TORCH:
        assert not hasattr(layer, f"register_{kind}")
        return
    getattr(layer, f"register_{kind}")(lambda *args: seen.append(kind))
    for _ in range(2):
        layer(ops.ones((1, 3)).requires_grad_()).sum().backward()
    assert seen == [kind] * 2


def test_quantised_layers_take_their_own_path():
    model = keras.Sequential([keras.Input((64,)), Dense(32)])
    signal = random_signal(4, 64)
    exact = run(model, signal)
    model.layers[0].quantize("int8", type_check=False)
    rounded = [ops.convert_to_numpy(model(signal)) for _ in range(2)]
    np.testing.assert_array_equal(rounded[0], rounded[1])
    assert 0 < np.abs(rounded[0] - exact).max() < 0.1


def run_eagerly(model, training):
    return ops.convert_to_numpy(ops.cast(model(ops.ones((2, 3)), training=training), "float32"))
