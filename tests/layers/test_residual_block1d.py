from itertools import product

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import erf

from kerashar.layers import ResidualBlock1D
from tests.references import batch_normalise, convolve, layer_normalise, sigmoid
from tests.support import check_layer, random_signal, run, scramble

ACTIVATIONS = {
    "relu": lambda values: np.maximum(values, 0),
    "leaky_relu": lambda values: np.where(values > 0, values, 0.01 * values),
    "gelu": lambda values: values * (1 + erf(values / np.sqrt(2))) / 2,
    "silu": lambda values: values * sigmoid(values),
}


def expected_outputs(block, signal):
    """The block's formula at inference, from its weights."""

    def normalise(values, layer):
        if block.normalization == "batch":
            return batch_normalise(values, layer)
        return layer_normalise(values, *layer.get_weights())

    def apply(convolution, values):
        return convolve(
            values, convolution.get_weights()[0], strides=convolution.strides, dilation=convolution.dilation_rate
        )

    activate = ACTIVATIONS[block.activation]
    norms = block.normalizations
    if block.pre_activation:
        entry = activate(normalise(signal, norms[0]))
        branch = apply(block.convolutions[0], entry)
        for convolution, norm in zip(block.convolutions[1:], norms[1:], strict=True):
            branch = apply(convolution, activate(normalise(branch, norm)))
    else:
        entry = branch = signal
        for convolution, norm in zip(block.convolutions, norms, strict=True):
            branch = normalise(apply(convolution, branch), norm)
            if convolution is not block.convolutions[-1]:
                branch = activate(branch)
    shortcut = signal
    if block.projection is not None:
        shortcut = apply(block.projection, entry)
        if not block.pre_activation:
            shortcut = normalise(shortcut, block.projection_normalization)
    total = shortcut + block.residual_scale * branch
    return total if block.pre_activation else activate(total)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"filters": 3, "activation": "gelu", "residual_scale": 0.1},
        {"bottleneck": 2, "strides": 2, "dilation_rate": 2, "activation": "leaky_relu"},
        {"pre_activation": True, "strides": 3, "activation": "silu"},
        {"pre_activation": True, "bottleneck": 4, "normalization": "layer", "filters": 3, "kernel_sizes": (5, 2)},
    ],
)
def test_equals_the_formula(settings):
    block = ResidualBlock1D(**{"filters": 6, **settings})
    model = keras.Sequential([keras.Input((11, 3)), block])
    scramble(model)
    signal = random_signal(2, 11, 3)
    np.testing.assert_allclose(run(model, signal), expected_outputs(block, signal), atol=1e-5)


def test_the_scale_acts_on_the_branch_and_not_on_the_shortcut():
    signal = random_signal(2, 9, 4)
    block = ResidualBlock1D(4, pre_activation=True, residual_scale=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(block(signal)), signal, atol=1e-4)


def test_convolutions_of_one_shape_start_apart():
    block = ResidualBlock1D(4, kernel_initializer=keras.initializers.HeNormal())
    block.build((None, 9, 4))
    first, second = (ops.convert_to_numpy(convolution.kernel) for convolution in block.convolutions)
    assert (first != second).all()


def test_span_counts_strides_and_dilation():
    assert ResidualBlock1D(4, (5, 3), strides=2).span == 1 + 4 + 2 * 2
    assert ResidualBlock1D(4, ((3, 9), 3), dilation_rate=2, bottleneck=4).span == 1 + 2 * 8 + 2 * 2


OPTIONS = {
    "kernel_sizes": [(3, 3), (4,), ((2, 5), 1)],
    "strides": [1, 2],
    "dilation_rate": [1, 3],
    "bottleneck": [None, 16],
    "pre_activation": [False, True],
    "normalization": ["batch", "layer", "group"],
    "activation": ["prelu", "gelu"],
    "squeeze_reduction": [None, 16],
    "attention_heads": [None, 2],
    "dropout": [0.0, 0.5],
}


def combinations(count):
    """Some of all combinations; each pair of options meets in one of them or other."""
    every = list(product(*OPTIONS.values()))
    for row in np.random.default_rng(0).choice(len(every), count, replace=False):
        yield dict(zip(OPTIONS, every[row], strict=True))


@pytest.mark.parametrize("settings", list(combinations(12)), ids=lambda settings: "-".join(map(str, settings.values())))
def test_every_option_works_with_every_other_at_any_length(settings):
    block = ResidualBlock1D(4, **settings)
    strides = settings["strides"]
    symbolic = block(keras.Input((None, 3)))
    assert symbolic.shape == (None, None, 4)
    for time in (1, 6):
        outputs = block(random_signal(2, time, 3), training=True)
        assert tuple(outputs.shape) == (2, -(-time // strides), 4) == block.compute_output_shape((2, time, 3))
        assert np.isfinite(ops.convert_to_numpy(outputs)).all()


def test_a_dynamic_window_gives_what_a_fixed_one_does():
    block = ResidualBlock1D(4, ((2, 5), 3), strides=2, dilation_rate=2, squeeze_reduction=2, attention_heads=2)
    model = keras.Sequential([keras.Input((None, 3)), block])
    for time in (1, 8):
        signal = random_signal(2, time, 3)
        np.testing.assert_allclose(run(model, signal), ops.convert_to_numpy(block(signal)), atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"bottleneck": 2, "pre_activation": True, "strides": 2, "normalization": "group", "activation": "prelu"},
        {"kernel_sizes": ((3, 5),), "squeeze_reduction": 2, "attention_heads": 2, "dropout": 0.2, "seed": 1},
    ],
)
def test_layer_check(settings, tmp_path):
    keras.utils.set_random_seed(1)  # by chance a weight of the narrow branch moves too little to be seen
    check_layer(lambda **kw: ResidualBlock1D(4, **settings, **kw), (8, 10, 4), tmp_path)


def test_attention_weights_can_be_read():
    block = ResidualBlock1D(4, strides=2, attention_heads=2)
    block(random_signal(3, 10, 4))
    weights = ops.convert_to_numpy(block.attention_weights(random_signal(3, 10, 4)))
    assert weights.shape == (3, 2, 5, 5)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    with pytest.raises(ValueError, match="attention_heads=None"):
        ResidualBlock1D(4).attention_weights(random_signal(3, 10, 4))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters=0"),
        ({"kernel_sizes": ()}, "kernel_sizes"),
        ({"bottleneck": 0}, "bottleneck=0"),
        ({"normalization": "bach"}, "Did you mean 'batch'"),
        ({"activation": "rellu"}, "relu"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"residual_scale": 0}, "residual_scale=0"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ResidualBlock1D(**{"filters": 4, **settings})
