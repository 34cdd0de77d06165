import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional

from kerashar.models import DeepConvLSTM, create_model
from tests.support import random_signal, run, scramble


def plain_statement(model, windows, depth, units):
    """The network in plain torch, as a 2D convolution over an image of time and sensors, on our weights."""
    weights = {weight.path: torch.tensor(ops.convert_to_numpy(weight)) for weight in model.weights}
    normalised = (torch.tensor(windows) - weights["normalization/mean"]) / weights["normalization/deviation"]
    image = normalised[:, None]  # (batch, 1, time, sensors)
    for index in range(1, depth + 1):
        kernel = weights[f"convolution_{index}/kernel"].permute(2, 1, 0)[..., None]  # (filters, before, taps, 1)
        image = torch.relu(functional.conv2d(image, kernel, weights[f"convolution_{index}/bias"]))
    outputs = image.permute(0, 2, 3, 1).flatten(2)  # (batch, steps, sensors * filters)
    for index in (1, 2):
        kernel, recurrent, bias = (
            weights[f"recurrent_{index}/lstm_cell/{part}"] for part in ("kernel", "recurrent_kernel", "bias")
        )
        lstm = torch.nn.LSTM(outputs.shape[-1], units, batch_first=True)  # gates in the order of Keras
        values = (kernel.T, recurrent.T, bias, torch.zeros_like(bias))
        lstm.load_state_dict(dict(zip(lstm.state_dict(), values, strict=True)))
        outputs, _ = lstm(outputs)
    return (outputs[:, -1] @ weights["logits/kernel"] + weights["logits/bias"]).detach().numpy()


def test_equals_a_plain_statement_of_the_network():
    model = DeepConvLSTM((12, 3), 4, filters=2, depth=3, kernel_size=3, units=5)
    scramble(model)
    windows = random_signal(2, 12, 3)
    np.testing.assert_allclose(run(model, windows), plain_statement(model, windows, 3, 5), atol=1e-5)


@pytest.mark.once
def test_has_the_published_size():
    convolutions = (5 * 1 + 1) * 64 + 3 * (5 * 64 + 1) * 64
    lstms = 4 * 128 * (9 * 64 + 128 + 1) + 4 * 128 * (128 + 128 + 1)
    figures = 2 * 9  # mean and deviation of each channel
    assert create_model("deep_conv_lstm", (128, 9), 6).count_params() == convolutions + lstms + 129 * 6 + figures


def test_takes_any_window_that_the_convolutions_leave_something_of():
    model = DeepConvLSTM((None, 2), 3, filters=2, depth=2, kernel_size=3, units=2)
    for time in (5, 9):
        assert run(model, random_signal(2, time, 2)).shape == (2, 3)


@pytest.mark.once
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (16, 2)}, r"at least 17 samples .* Received: window_shape=\(16, 2\)"),
        ({"window_shape": (20, 2), "depth": 5}, "at least 21 samples"),
        ({"depth": 0}, "depth=0"),
        ({"units": 0}, "units=0"),
        ({"filters": 0}, "filters=0"),
        ({"dropout": 1.0}, "dropout=1.0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DeepConvLSTM(**{"window_shape": (32, 2), "num_classes": 3, **settings})
