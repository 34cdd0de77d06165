"""A stream gives at each step what the model gives on the samples so far."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import ops

from kerashar import layers
from kerashar.inference.stream_state import StreamState
from kerashar.inference.streaming import Stream
from kerashar.models import create_model, load_model, save_model
from tests.streams import CASES, CAUSAL, CHANNELS, VARIANTS, check_prefixes, feed, small_model, strided_model
from tests.support import random_signal

TIME, LONGEST = 48, 7  # chunks up to 7 samples are computed in pieces of 1, 2 and 4: three sizes to compile
SIGNAL = 2 * random_signal(3, TIME, CHANNELS) + 1
CHUNKS = st.lists(st.integers(0, LONGEST), max_size=8)


def chunks_of(sizes):
    """These chunks as far as the signal goes, and what is left of it in chunks of LONGEST."""
    sizes = [size for size, end in zip(sizes, np.cumsum(sizes), strict=True) if end <= TIME]
    left = TIME - sum(sizes)
    return [*sizes, *[LONGEST] * (left // LONGEST), left % LONGEST]


def test_every_causal_model_has_a_case():
    assert set(VARIANTS) == set(CAUSAL)


@pytest.mark.parametrize(("name", "variant"), CASES, ids=str)
def test_equals_the_model_for_any_chunking(name, variant):
    model = small_model(name, variant)
    stream = Stream(model)
    outputs, _ = feed(stream, SIGNAL, [1] * TIME)
    check_prefixes(model, outputs, SIGNAL, (5, TIME))

    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(CHUNKS)
    def other_chunks_give_the_same(sizes):
        other, state = feed(stream, SIGNAL, chunks_of(sizes))
        np.testing.assert_allclose(other, outputs, rtol=0, atol=5e-6)
        assert state.samples == TIME

    other_chunks_give_the_same()


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 3), max_size=16))
def test_strides_take_up_where_the_last_chunk_ended(strided, sizes):
    _, stream, outputs = strided
    other, _ = feed(stream, SIGNAL, [*sizes, *[1] * (TIME - sum(sizes))])
    np.testing.assert_allclose(other, outputs, rtol=0, atol=5e-6)


@pytest.fixture(scope="module")
def strided():
    model = strided_model()
    stream = Stream(model)
    outputs, _ = feed(stream, SIGNAL, [1] * TIME)
    return model, stream, outputs


def test_a_strided_stream_equals_the_model(strided):
    model, _, outputs = strided
    assert outputs.shape == (3, -(-TIME // 6), 4)
    check_prefixes(model, outputs, SIGNAL, (6, 7, TIME), step=6)


@pytest.mark.parametrize("name", CAUSAL)
def test_long_chunks_and_long_streams(name):
    model = small_model(name, VARIANTS[name][1])
    stream = Stream(model)
    signal = 2 * random_signal(1, 10_242, CHANNELS, seed=3) + 1
    outputs, state = feed(stream, signal, [2048, 1, 8193])
    check_prefixes(model, outputs, signal, (2049, 10_242))
    after_few = feed(stream, signal, [1] * 10)[1]
    assert [array.shape for array in state.arrays] == [array.shape for array in after_few.arrays]


def test_streams_in_a_batch_are_apart():
    stream = Stream(small_model("causal_modern_tcn", {"memory": 11}))
    together, _ = feed(stream, SIGNAL, [8])
    alone, _ = feed(stream, SIGNAL[1:2], [8])
    np.testing.assert_allclose(together[1:2], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CAUSAL)
def test_a_saved_state_carries_on_bit_for_bit(name, tmp_path):
    model = small_model(name, VARIANTS[name][1])
    stream = Stream(model)
    _, state = feed(stream, SIGNAL, [4])
    state.save(tmp_path / "state.npz")
    save_model(model, tmp_path / "model.keras")
    expected, _ = feed(stream, SIGNAL[:, 4:], [4, 1], state)
    again = Stream(load_model(tmp_path / "model.keras"))
    carried_on, end = feed(again, SIGNAL[:, 4:], [4, 1], StreamState.load(tmp_path / "state.npz"))
    np.testing.assert_array_equal(carried_on, expected)
    assert end.samples == 9


def test_tensors_and_lists_are_taken_and_a_step_leaves_its_state():
    stream = Stream(small_model("tcn", {}))
    state = stream.initial_state(3)
    first, _ = stream.step(SIGNAL[:, :4], state)
    for samples in (ops.convert_to_tensor(SIGNAL[:, :4]), SIGNAL[:, :4].astype("float64"), SIGNAL[:, :4].tolist()):
        again, _ = stream.step(samples, state)
        np.testing.assert_array_equal(ops.convert_to_numpy(again), ops.convert_to_numpy(first))


def test_an_empty_chunk_changes_nothing():
    stream = Stream(small_model("tcn", {}))
    state = stream.initial_state(2)
    logits, after = stream.step(np.zeros((2, 0, CHANNELS)), state)
    assert tuple(logits.shape) == (2, 0, 4)
    assert after is state


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((2, CHANNELS)), r"\(2, chunk, 3\).*shape=\(2, 3\)"),
        (np.zeros((2, 5, CHANNELS + 1)), r"shape=\(2, 5, 4\)"),
        (np.zeros((3, 5, CHANNELS)), "2 streams"),
        (np.full((2, 5, CHANNELS), np.nan), "NaN or infinity"),
    ],
)
def test_refuses_samples_that_do_not_fit(samples, message):
    stream = Stream(small_model("tcn", {}))
    with pytest.raises(ValueError, match=message):
        stream.step(samples, stream.initial_state(2))


def test_refuses_the_state_of_another_model():
    stream, other = (Stream(small_model("tcn", {"pooling": kind})) for kind in ("last", "max"))
    with pytest.raises(ValueError, match="another model"):
        stream.step(SIGNAL, other.initial_state(3))
    with pytest.raises(ValueError, match="batch=0"):
        stream.initial_state(0)


def two_layers(layer):
    inputs = keras.Input((None, 4))
    return keras.Model(inputs, layers.GlobalPooling1D(name="pool")(layer(inputs)))


class OwnConvolution(layers.Conv1D):
    def call(self, inputs):
        return super().call(inputs)[:, ::-1]


def nested():
    inputs = keras.Input((None, 4))
    return keras.Model(inputs, keras.Sequential([keras.Input((None, 4)), keras.layers.Dense(4)], name="inner")(inputs))


def two_rates():
    inputs = keras.Input((None, 4))
    sides = [layers.Conv1D(4, 1, strides=strides)(inputs) for strides in (1, 2)]
    return keras.Model(inputs, keras.layers.Add()(sides))


@pytest.mark.once
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: create_model("modern_tcn", (128, 9), 6, hidden=8), "'stem' has padding='same'"),
        (lambda: create_model("cnn_lstm", (128, 9), 6), "has no streaming form|padding='same'"),
        (lambda: two_layers(layers.SqueezeExcite(name="gate")), "'gate' has a gate that sees the whole window"),
        (lambda: two_layers(layers.Conv1D(3, 3, padding="valid", name="c")), "'c' has padding='valid'"),
        (lambda: two_layers(keras.layers.Conv1D(3, 3, name="c")), "'c' has padding='valid'"),
        (lambda: two_layers(keras.layers.LSTM(3, return_sequences=True, name="c")), r"'c' \(LSTM\) has no streaming"),
        (lambda: two_layers(keras.layers.Dense(3, "softplus", name="c")), "'c' has the activation 'softplus'"),
        (lambda: two_layers(keras.layers.ReLU(max_value=6, name="c")), "'c' has a max_value"),
        (lambda: two_layers(OwnConvolution(3, 3, padding="causal", name="c")), r"'c' \(OwnConvolution\) has no stream"),
        (nested, "'inner' is a model of its own"),
        (two_rates, "different strides"),
        (lambda: keras.Sequential([keras.layers.Dense(3)]), "Functional"),
    ],
)
def test_refuses_what_looks_ahead_or_is_unknown(make, message):
    with pytest.raises(ValueError, match=message):
        Stream(make())


def test_a_prelu_for_each_time_step_is_refused():
    inputs = keras.Input((16, 4))
    model = keras.Model(inputs, layers.GlobalPooling1D()(keras.layers.PReLU(name="c")(inputs)))
    with pytest.raises(ValueError, match="'c' has a slope for each time step"):
        Stream(model)
