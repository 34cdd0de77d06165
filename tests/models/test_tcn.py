import keras
import numpy as np
import pytest
import torch
from keras import ops

from kerashar.models import TCN, receptive_field, suggest_depth
from tests.support import random_signal, run, scramble
from tests.torch_tcn import TorchTCN, count


def test_equals_the_published_network():
    model = TCN((20, 3), 4, hidden=5, levels=3)
    scramble(model)
    windows = random_signal(2, 20, 3)
    published = TorchTCN(model)
    normalization = model.get_layer("normalization")
    mean, deviation = normalization.get_weights()
    with torch.no_grad():
        expected = published(torch.tensor((windows - mean) / deviation).transpose(1, 2)).numpy()
    assert model.count_params() - normalization.count_params() == count(published)
    np.testing.assert_allclose(run(model, windows), expected, atol=1e-5)


@pytest.mark.parametrize(("levels", "samples"), [(4, 61), (5, 125), (6, 253)])
def test_receptive_field_is_the_papers(levels, samples):
    assert receptive_field(TCN((None, 2), 3, hidden=4, levels=levels)).samples == samples


@pytest.mark.once
def test_depth_follows_the_window():
    assert suggest_depth(2.56, rate=50, model="tcn", hidden=4) == 5


def test_the_last_output_of_a_recording_is_that_of_its_last_samples_alone():
    settings = {"activation": "gelu", "kernel_initializer": "he_normal"}  # so that every sample shows in the output
    model = TCN((None, 2), 3, hidden=4, levels=3, kernel_size=2, **settings)
    scramble(model)
    field = receptive_field(model).samples
    recording = random_signal(2, 4 * field, 2)
    at_the_end = run(model, recording)
    np.testing.assert_allclose(run(model, recording[:, -field:]), at_the_end, atol=1e-6)
    # One sample fewer, and zeros of the padding take the place of what was measured.
    assert np.abs(run(model, recording[:, 1 - field :]) - at_the_end).max() > 1e-4


def test_one_seed_gives_one_start_at_the_published_size():
    starts = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        block = TCN((8, 2), 3, hidden=32, levels=1).get_layer("level_1")
        starts.append([ops.convert_to_numpy(convolution.kernel) for convolution in block.convolutions])
    np.testing.assert_array_equal(starts[0][1], starts[1][1])
    np.testing.assert_allclose([kernel.std() for kernel in starts[0]], 0.01, rtol=0.2)


def test_takes_a_window_of_one_sample():
    model = TCN((None, 2), 3, hidden=4, levels=2, pooling="average")
    assert run(model, random_signal(2, 1, 2)).shape == (2, 3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (9,)}, r"window_shape=\(9,\)"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"hidden": 0}, "hidden=0"),
        ({"levels": 0}, "levels=0"),
        ({"activation": "rellu"}, "relu"),
        ({"pooling": "lost"}, "last"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        TCN(**{"window_shape": (32, 2), "num_classes": 3, **settings})
