import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import DepthwiseSeparableConv1D
from tests.references import convolve, depthwise_as_dense
from tests.support import check_layer, random_signal, scramble


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"padding": "causal", "strides": 2, "dilation_rate": 2},
        {"padding": "valid", "depth_multiplier": 2, "use_bias": False},
    ],
)
def test_equals_the_definition(settings):
    layer = DepthwiseSeparableConv1D(4, 3, **settings)
    signal = random_signal(2, 9, 3)
    layer.build(signal.shape)
    scramble(layer)
    depthwise, mix, *bias = layer.get_weights()
    assert len(bias) == settings.get("use_bias", True)
    expected = convolve(
        signal,
        depthwise_as_dense(depthwise, 3),
        settings.get("padding", "same"),
        settings.get("strides", 1),
        settings.get("dilation_rate", 1),
    )
    expected = expected @ mix + sum(bias)
    outputs = ops.convert_to_numpy(layer(signal))
    assert outputs.shape == layer.compute_output_shape(signal.shape)
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_equals_keras_where_keras_has_it():
    settings = {"strides": 2, "padding": "same", "depth_multiplier": 2}
    ours, theirs = DepthwiseSeparableConv1D(4, 5, **settings), keras.layers.SeparableConv1D(4, 5, **settings)
    signal = random_signal(2, 12, 3)
    ours.build(signal.shape)
    theirs.build(signal.shape)
    scramble(ours)
    depthwise, mix, bias = ours.get_weights()
    theirs.set_weights([depthwise.reshape(5, 3, 2), mix[None], bias])  # (taps, channels, multiplier), (1, in, out)
    np.testing.assert_allclose(ops.convert_to_numpy(ours(signal)), ops.convert_to_numpy(theirs(signal)), atol=1e-5)


def test_the_two_steps_start_apart():
    initializer = keras.initializers.RandomNormal()
    layer = DepthwiseSeparableConv1D(3, 1, depthwise_initializer=initializer, pointwise_initializer=initializer)
    layer.build((None, 9, 3))
    depthwise, mix, _ = layer.get_weights()
    assert (depthwise[0, 0] != mix[0]).all()


def test_layer_check(tmp_path):
    settings = {"padding": "causal", "dilation_rate": 2, "strides": 2}
    check_layer(lambda **kw: DepthwiseSeparableConv1D(5, 3, **settings, **kw), (4, 10, 3), tmp_path)


def test_span():
    assert DepthwiseSeparableConv1D(5, 3, dilation_rate=4).span == 9


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"filters": 0}, "filters=0"), ({"kernel_size": 0}, "kernel_size=0"), ({"padding": "full"}, "padding='full'")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DepthwiseSeparableConv1D(**{"filters": 2, "kernel_size": 3, **settings})
