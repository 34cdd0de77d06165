import keras
import numpy as np
import pytest

from kerashar.models import CNNLSTM, receptive_field
from tests.support import random_signal, run, scramble


def test_takes_any_window_length():
    model = CNNLSTM((None, 2), 3, width=4, depth=2, units=3)
    for time in (1, 9):
        assert run(model, random_signal(2, time, 2)).shape == (2, 3)


def test_reads_the_steps_in_order():
    """Forwards, backwards and both: only both see a change at either end from the other end's output."""
    windows = random_signal(1, 8, 2)
    changed = windows.copy()
    changed[:, -1] += 1
    for bidirectional in (False, True):
        model = CNNLSTM((8, 2), 0, width=4, depth=1, kernel_size=1, strides=1, units=3, bidirectional=bidirectional)
        scramble(model)
        steps = keras.Model(model.input, model.get_layer("recurrent_1").output)
        first, again = run(steps, windows)[0, 0], run(steps, changed)[0, 0]
        assert first.shape == ((6,) if bidirectional else (3,))
        assert np.array_equal(first, again) is not bidirectional


@pytest.mark.once
def test_as_many_lstms_as_asked_for_over_steps_of_the_stride():
    model = CNNLSTM((128, 9), 6, depth=3, recurrent_layers=2, units=16)
    assert model.get_layer("recurrent_1").input.shape == (None, 16, 64)
    assert model.get_layer("recurrent_2").output.shape == (None, 16, 32)
    assert CNNLSTM((128, 9), 6, depth=3, strides=1).get_layer("recurrent_1").input.shape == (None, 128, 64)


@pytest.mark.once
def test_receptive_field_is_as_documented():  # that of other depths: tests/models/test_cnn_transformer.py
    assert receptive_field(CNNLSTM((None, 2), 3, width=4, depth=5)).samples == 125


@pytest.mark.once
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"units": 0}, "units=0"),
        ({"recurrent_layers": 0}, "recurrent_layers=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"pooling": "averag"}, "Did you mean 'average'"),
        ({"num_classes": -1}, "num_classes=-1"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        CNNLSTM(**{"window_shape": (32, 2), "num_classes": 3, **settings})
