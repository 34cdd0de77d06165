import keras
import numpy as np
import pytest
import torch
from keras import ops
from torch.nn import functional

from kerashar.layers.images import DepthwiseConv2D
from tests.support import check_layer, random_signal


def convolve(image, kernel, strides):
    """In torch, which has gradients."""
    channels = image.shape[-1]
    outputs = functional.conv2d(
        image.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), None, strides, len(kernel) // 2, 1, channels
    )
    return outputs.permute(0, 2, 3, 1)


@pytest.mark.parametrize("jit_compile", [False, "auto"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_outputs_and_a_step_of_gradient_descent_equal_those_of_torch(kernel_size, strides, jit_compile):
    # The gradients to the image and to the kernel are written by hand for some backends.
    first = DepthwiseConv2D(3, name="first")  # its kernel learns through the gradient to the second's image
    second = DepthwiseConv2D(kernel_size, strides, use_bias=False, name="second")
    model = keras.Sequential([keras.Input((9, 12, 3)), first, second])
    image = random_signal(2, 9, 12, 3)
    targets = random_signal(2, *model.output_shape[1:], seed=1)
    start = [torch.tensor(ops.convert_to_numpy(layer.kernel), requires_grad=True) for layer in (first, second)]
    expected = convolve(convolve(torch.tensor(image), start[0], 1), start[1], strides)
    np.testing.assert_allclose(ops.convert_to_numpy(model(image)), expected.detach().numpy(), atol=1e-5)

    ((expected - torch.tensor(targets)) ** 2).mean().backward()
    model.compile(keras.optimizers.SGD(1.0), "mse", jit_compile=jit_compile)
    model.train_on_batch(image, targets)
    for layer, kernel in zip((first, second), start, strict=True):
        stepped = kernel.detach().numpy() - ops.convert_to_numpy(layer.kernel)
        np.testing.assert_allclose(stepped, np.asarray(kernel.grad), atol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"strides": 2, "use_bias": False}])
def test_layer_check(settings, tmp_path):
    check_layer(lambda **kw: DepthwiseConv2D(5, **settings, **kw), (2, 8, 9, 3), tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"kernel_size": 4}, "kernel_size=4"), ({"kernel_size": 3, "strides": 0}, "strides=0")],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        DepthwiseConv2D(**settings)
