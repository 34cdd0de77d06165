import keras
import numpy as np
import pytest
from keras import ops

from kerashar.layers import DepthwiseConv1D, MultiScaleDepthwiseConv1D
from tests.references import convolve, depthwise_as_dense
from tests.support import check_layer, random_signal


def convolve_depthwise(signal, kernel, padding="same", strides=1, dilation=1):
    return convolve(signal, depthwise_as_dense(kernel, signal.shape[-1]), padding, strides, dilation)


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_equals_the_definition(padding, strides, dilation, multiplier):
    for taps, time in ((1, 15), (4, 16), (5, 17)):
        layer = DepthwiseConv1D(taps, strides, padding, dilation, multiplier)
        signal = random_signal(2, time, 3, seed=time)
        outputs = ops.convert_to_numpy(layer(signal))
        expected = convolve_depthwise(signal, ops.convert_to_numpy(layer.kernel), padding, strides, dilation)
        assert outputs.shape == tuple(layer.compute_output_shape(signal.shape))
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, "auto"])
@pytest.mark.parametrize(("strides", "dilation", "multiplier"), [(1, 1, 1), (1, 4, 2), (2, 1, 1), (3, 2, 2)])
def test_one_step_of_gradient_descent_equals_finite_differences(strides, dilation, multiplier, jit_compile):
    # The gradients to the input and to the kernel are written by hand for some backends.
    first = DepthwiseConv1D(3, name="first")  # its kernel learns through the gradient to the second's input
    second = DepthwiseConv1D(5, strides, "causal", dilation, multiplier, name="second")
    model = keras.Sequential([keras.Input((17, 2)), first, second])
    signal = random_signal(3, 17, 2)
    targets = random_signal(3, *model.output_shape[1:], seed=1)
    model.compile(keras.optimizers.SGD(1.0), "mse", jit_compile=jit_compile)
    start = [ops.convert_to_numpy(layer.kernel).astype("float64") for layer in (first, second)]

    def loss(kernels):
        inner = convolve_depthwise(signal.astype("float64"), kernels[0], "same", 1, 1)
        return np.mean((convolve_depthwise(inner, kernels[1], "causal", strides, dilation) - targets) ** 2)

    model.train_on_batch(signal, targets)
    for position, layer in enumerate((first, second)):
        stepped = start[position] - ops.convert_to_numpy(layer.kernel)
        for index in np.ndindex(*stepped.shape):
            shifted = [[kernel.copy() for kernel in start] for _ in range(2)]
            shifted[0][position][index] += 1e-4
            shifted[1][position][index] -= 1e-4
            slope = (loss(shifted[0]) - loss(shifted[1])) / 2e-4
            np.testing.assert_allclose(stepped[index], slope, atol=2e-5)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid", "causal"])
def test_any_window_length_through_a_model_of_unknown_length(padding, strides):
    layer = DepthwiseConv1D(5, strides, padding, 2)
    model = keras.Sequential([keras.Input((None, 3)), layer])
    assert model.output_shape == (None, None, 3)
    for time in (15, 16, 31):
        signal = random_signal(2, time, 3)
        expected = convolve_depthwise(signal, ops.convert_to_numpy(layer.kernel), padding, strides, 2)
        np.testing.assert_allclose(model.predict(signal, verbose=0), expected, atol=1e-5)


def test_causal_outputs_do_not_look_ahead():
    layer = DepthwiseConv1D(5, padding="causal", dilation_rate=2)
    signal = random_signal(1, 32, 2)
    changed = signal.copy()
    changed[:, 20:] += 1
    before, after = (ops.convert_to_numpy(layer(each)) for each in (signal, changed))
    np.testing.assert_array_equal(before[:, :20], after[:, :20])
    assert (before[:, 20] != after[:, 20]).all()


@pytest.mark.parametrize("settings", [{}, {"strides": 2, "dilation_rate": 3}, {"padding": "causal", "use_bias": False}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: DepthwiseConv1D(5, depth_multiplier=2, **settings, **kw), (2, 24, 3), tmp_path)


@pytest.mark.parametrize("padding", ["same", "causal"])
def test_multi_scale_equals_the_sum_of_its_convolutions(padding):
    layer = MultiScaleDepthwiseConv1D((3, 7), dilation_rate=2, padding=padding)
    signal = random_signal(2, 32, 3)
    outputs = ops.convert_to_numpy(layer(signal))
    parts = [convolve_depthwise(signal, ops.convert_to_numpy(kernel), padding, 1, 2) for kernel in layer.kernels]
    np.testing.assert_allclose(outputs, sum(parts), atol=1e-5)


def test_multi_scale_layer_check(tmp_path):
    check_layer(lambda **kw: MultiScaleDepthwiseConv1D((3, 7), 2, **kw), (2, 24, 3), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel_size": 0}, "kernel_size=0"),
        ({"kernel_size": 3, "strides": -1}, "strides=-1"),
        ({"kernel_size": 3, "dilation_rate": 0}, "dilation_rate=0"),
        ({"kernel_size": 3, "padding": "full"}, "padding='full'"),
        ({"kernel_size": 2.5}, "kernel_size=2.5"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DepthwiseConv1D(**settings)


def test_refuses_bad_kernel_sizes():
    with pytest.raises(ValueError, match="at least one kernel size"):
        MultiScaleDepthwiseConv1D(())
    with pytest.raises(ValueError, match=r"odd kernel sizes.*\(3, 4\)"):
        MultiScaleDepthwiseConv1D((3, 4))
    with pytest.raises(ValueError, match="padding='valid'"):
        MultiScaleDepthwiseConv1D((3,), padding="valid")  # pyright: ignore[reportArgumentType]


def test_refuses_a_window_shorter_than_the_filter():
    with pytest.raises(ValueError, match="at least 9 samples"):
        DepthwiseConv1D(9, padding="valid")(random_signal(1, 8, 2))
