import numpy as np
import pytest

from kerashar.models import CNNTransformer, attention_weights, receptive_field
from tests.support import random_signal, run


def test_takes_any_window_length():
    model = CNNTransformer((None, 2), 3, width=4, depth=2, blocks=1, heads=2)
    for time in (1, 9):
        assert run(model, random_signal(2, time, 2)).shape == (2, 3)


def test_knows_where_in_the_window_a_movement_is():
    """Without positions, a window and its steps in another order would look the same."""
    model = CNNTransformer((6, 2), 0, width=4, depth=1, kernel_size=1, strides=1, blocks=1, heads=2)
    windows = random_signal(1, 6, 2)
    assert np.abs(run(model, windows) - run(model, windows[:, ::-1])).max() > 1e-4


@pytest.mark.once
def test_shows_what_each_block_attends_to():
    model = CNNTransformer((32, 2), 3, width=4, depth=2, heads=2)
    weights = attention_weights(model, random_signal(3, 32, 2))
    assert {name: array.shape for name, array in weights.items()} == {
        "transformer_1": (3, 2, 8, 8),
        "transformer_2": (3, 2, 8, 8),
    }


@pytest.mark.once
@pytest.mark.parametrize(("depth", "samples"), [(2, 13), (3, 29), (4, 61), (5, 125)])
def test_receptive_field_is_as_documented(depth, samples):
    assert receptive_field(CNNTransformer((None, 2), 3, width=4, depth=depth)).samples == samples


@pytest.mark.once
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"blocks": 0}, "blocks=0"),
        ({"heads": 3}, "heads=3"),
        ({"expansion": 0}, "expansion=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"pooling": "averag"}, "Did you mean 'average'"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        CNNTransformer(**{"window_shape": (32, 2), "num_classes": 3, **settings})
