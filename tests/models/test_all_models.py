"""What holds for every registered model."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerashar.models import create_model, list_models, model_card
from tests.models.small_models import CHECKED, SMALL, STAGES, small_model
from tests.run_all import BACKENDS
from tests.support import check_backends_agree, check_model, check_receptive_field


@pytest.mark.parametrize("name", sorted(CHECKED))
def test_model_check(name, tmp_path):
    check_model(name, tmp_path, **SMALL.get(name, {}))


@pytest.mark.once
@pytest.mark.parametrize("name", list_models())
def test_the_card_knows_the_size(name):
    card = model_card(name)
    assert create_model(name, card.input_shape, 6).count_params() == card.parameters


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(CHECKED))
def test_first_weights_follow_from_the_seed_alone_and_no_two_are_alike(name):
    deeper = {"depths": (2, 1)} if SMALL.get(name) is STAGES else {}

    def drawn(seed: int) -> dict[str, np.ndarray]:
        keras.utils.set_random_seed(seed)
        model = small_model(name, **deeper)
        values = {weight.path: ops.convert_to_numpy(weight) for weight in model.trainable_weights}
        # The others start from a constant, or as an LSTM's bias from two.
        return {path: value for path, value in values.items() if len(np.unique(value)) > 2}

    first, again, other = drawn(0), drawn(0), drawn(1)
    for path, value in first.items():
        np.testing.assert_array_equal(again[path], value)
        assert not np.array_equal(other[path], value), path
    for (one, value), (another, its_value) in itertools.combinations(first.items(), 2):
        assert not np.array_equal(value, its_value), (one, another)


def test_backends_agree(tmp_path):
    # Each backend writes a third of the models' files, which the other two read.
    mine = sorted(CHECKED)[BACKENDS.index(keras.backend.backend()) :: len(BACKENDS)]
    check_backends_agree({name: small_model(name) for name in mine}, tmp_path)


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name in list_models() if model_card(name).receptive_field is not None])
def test_receptive_field(name):
    check_receptive_field(name)
