"""Models to stream, and the outputs that their streams should give."""

import keras
import numpy as np
from keras import ops

from kerashar import layers
from kerashar.models import create_model, list_models, model_card
from tests.support import TOLERANCE, calm, random_signal, run, scramble

CHANNELS = 3
CAUSAL = [name for name in list_models() if model_card(name).causal]
SMALL = {"tcn": {"hidden": 6, "levels": 3}, "causal_modern_tcn": {"hidden": 8, "blocks": 2, "squeeze_reduction": 2}}
# By registered model: settings that change how it streams.
VARIANTS = {
    "tcn": [
        {},
        {"pooling": "average", "activation": "gelu"},
        {"pooling": "max", "activation": "leaky_relu", "weight_normalization": False},
        {"pooling": "average_max", "activation": "silu"},
        {"pooling": "attention", "activation": "prelu"},
    ],
    "causal_modern_tcn": [{}, {"memory": 11}, {"memory": 1}, {"memory": 64, "squeeze_reduction": None}],
}
CASES = [(name, settings) for name in CAUSAL for settings in VARIANTS.get(name, [{}])]


def small_model(name, settings, seed=0):
    """A small causal model for signals of any length, with weights that are not those of the start."""
    model = create_model(name, (None, CHANNELS), 4, **{**SMALL.get(name, {}), **settings})
    scramble(model, 0.2)
    calm(model, random_signal(2, 100, CHANNELS))
    return model


def strided_model():
    """Strides, dilations, multipliers and normalisations in a model of a user's own."""
    inputs = keras.Input((None, CHANNELS))
    x = keras.layers.BatchNormalization(name="batch")(inputs)
    x = layers.Conv1D(6, 3, strides=2, padding="causal", dilation_rate=2, name="convolution")(x)
    side = layers.Conv1D(12, 1, strides=3, name="side")(x)
    x = layers.DepthwiseConv1D(4, strides=3, padding="causal", depth_multiplier=2, name="depthwise")(x)
    x = keras.layers.Add(name="sum")([keras.layers.PReLU(shared_axes=[1], name="prelu")(x), side])
    x = keras.layers.LayerNormalization(name="layer")(x)
    x = layers.DepthwiseSeparableConv1D(5, 3, padding="causal", dilation_rate=3, name="separable")(x)
    x = layers.SqueezeExcite(2, causal=True, memory=4, name="gate")(x)
    x = keras.layers.Conv1D(4, 2, padding="causal", activation="tanh", name="keras_convolution")(x)
    x = keras.layers.Concatenate(name="both")([x, keras.layers.ReLU(negative_slope=0.1, name="relu")(x)])
    x = layers.GlobalPooling1D("average_max", memory=5, name="pool")(x)
    model = keras.Model(inputs, keras.layers.Dense(4, name="logits")(keras.layers.Dropout(0.5, name="drop")(x)))
    scramble(model, 0.1)
    batch = model.get_layer("batch")
    batch.moving_variance.assign(np.array([0.5, 1.0, 2.0]))
    return model


def feed(stream, signal, chunks, state=None):
    """The outputs, as NumPy has them, of a signal `(batch, time, channels)` that is fed in chunks."""
    state = stream.initial_state(len(signal)) if state is None else state
    outputs, start = [], 0
    for chunk in chunks:
        logits, state = stream.step(signal[:, start : start + chunk], state)
        outputs.append(ops.convert_to_numpy(logits))
        start += chunk
    return np.concatenate(outputs, axis=1), state


def cut(length, *sizes):
    """Chunks of these sizes, one after the other, then the rest of `length` samples."""
    return [*sizes, length - sum(sizes)]


def check_prefixes(model, outputs, signal, prefixes, step=1):
    """Compare a stream's outputs with the model's on the first `prefixes` samples."""
    for prefix in prefixes:
        expected = run(model, signal[:, :prefix])
        got = outputs[:, (prefix + step - 1) // step - 1]
        np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE, err_msg=f"after {prefix} samples")
