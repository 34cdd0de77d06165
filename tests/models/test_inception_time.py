import keras
import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional

from kerashar.models import InceptionTime, create_model, receptive_field
from tests.support import random_signal, run, scramble


class Reference:
    """The authors' network in plain torch, on the weights of ours in their order."""

    def __init__(self, model):
        weights = [torch.tensor(ops.convert_to_numpy(weight)) for weight in model.weights]
        self.names = [weight.path for weight in model.weights]
        self.weights = dict(zip(self.names, weights, strict=True))

    def convolve(self, signal, path):
        kernel = self.weights[f"{path}/kernel"].permute(2, 1, 0)
        reach = kernel.shape[-1] - 1
        return functional.conv1d(functional.pad(signal, (reach // 2, reach - reach // 2)), kernel)

    def normalise(self, signal, path):
        gamma, beta, mean, variance = (
            self.weights[f"{path}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return functional.batch_norm(signal, mean, variance, gamma, beta, eps=1e-3)

    def module(self, signal, path):
        narrowed = self.convolve(signal, f"{path}/narrow")
        branches = [self.convolve(narrowed, f"{path}/scale_{index}") for index in (1, 2, 3)]
        branches.append(self.convolve(functional.max_pool1d(signal, 3, 1, 1), f"{path}/pool_projection"))
        return torch.relu(self.normalise(torch.cat(branches, dim=1), f"{path}/norm"))

    def __call__(self, windows, depth):
        mean, deviation = self.weights["normalization/mean"], self.weights["normalization/deviation"]
        outputs = start = ((torch.tensor(windows) - mean) / deviation).transpose(1, 2)
        for index in range(1, depth + 1):
            outputs = self.module(outputs, f"module_{index}")
            if index % 3 == 0:
                shortcut = self.normalise(self.convolve(start, f"shortcut_{index}"), f"shortcut_norm_{index}")
                outputs = start = torch.relu(shortcut + outputs)
        return outputs.mean(dim=-1) @ self.weights["logits/kernel"] + self.weights["logits/bias"]


def published_size(channels, classes):
    """Weights of the authors' network: without biases, but for the logits; four for each normalised channel."""
    first, later = channels * 32, 128 * 32
    modules = sum(2 * entry + 32 * 32 * (40 + 20 + 10) + 4 * 128 for entry in [first] + [later] * 5)
    shortcuts = sum(128 * entry + 4 * 128 for entry in (channels, 128))
    return modules + shortcuts + 129 * classes


@pytest.mark.once
def test_has_the_published_size():
    model = create_model("inception_time", (128, 9), 6)
    figures = 2 * 9  # mean and deviation of each channel
    assert model.count_params() == published_size(9, 6) + figures


def test_equals_a_plain_statement_of_the_network():
    model = InceptionTime((21, 3), 4, filters=2, depth=4, kernel_sizes=(10, 5, 2), bottleneck=3)
    scramble(model)
    windows = random_signal(2, 21, 3)
    np.testing.assert_allclose(run(model, windows), Reference(model)(windows, depth=4).numpy(), atol=1e-5)


def test_takes_any_window_length():
    model = InceptionTime((None, 2), 3, filters=2, depth=3, kernel_sizes=(4, 3), bottleneck=2)
    for time in (1, 9):
        assert run(model, random_signal(2, time, 2)).shape == (2, 3)


@pytest.mark.once
@pytest.mark.parametrize(("depth", "samples"), [(2, 79), (3, 118), (6, 235)])
def test_receptive_field_is_as_documented(depth, samples):
    assert receptive_field(InceptionTime((None, 2), 3, depth=depth)).samples == samples


@pytest.mark.once
@pytest.mark.parametrize(
    ("settings", "message"),
    [({"depth": 0}, "depth=0"), ({"filters": 0}, "filters=0"), ({"window_shape": (9,)}, r"window_shape=\(9,\)")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        InceptionTime(**{"window_shape": (32, 2), "num_classes": 3, **settings})


def test_a_single_channel_has_no_bottleneck():
    model = InceptionTime((8, 1), 3, filters=2, depth=1, kernel_sizes=(3,))
    assert keras.Model(model.input, model.get_layer("pool").output).count_params() == 2 + 3 * 2 + 1 * 2 + 4 * 4
