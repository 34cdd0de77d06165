"""What blocks of images compute, in plain torch on the weights of Keras layers; images are `(batch, height, ...)`."""

import numpy as np
import torch
from torch.nn import functional

from tests.references import batch_normalise


def tensor(values):
    return torch.tensor(np.asarray(values))


def convolve2d(image, kernel, strides=1, dilation=1, groups=1):
    """Convolve `(batch, height, width, channels)` with `(rows, columns, channels / groups, filters)`, padded to same.

    Where the padding is odd, the last row and column get one more zero, as on TensorFlow.
    """
    image, kernel = tensor(image).permute(0, 3, 1, 2), tensor(kernel).permute(3, 2, 0, 1)
    margins = []
    for side, taps in zip(image.shape[2:], kernel.shape[2:], strict=True):
        total = max((-(-side // strides) - 1) * strides + (taps - 1) * dilation + 1 - side, 0)
        margins = [total // 2, total - total // 2, *margins]
    padded = functional.pad(image, margins)
    outputs = functional.conv2d(padded, kernel, stride=strides, dilation=dilation, groups=groups)
    return outputs.permute(0, 2, 3, 1).numpy()


def max_of_neighbours(image):
    """The maximum of each pixel and the eight around it."""
    return functional.max_pool2d(tensor(image).permute(0, 3, 1, 2), 3, 1, 1).permute(0, 2, 3, 1).numpy()


def convolution_block(image, block):
    """A `ConvolutionBlock2D` with batch normalisation and ReLU or nothing, at inference."""
    (kernel,) = block.convolution.get_weights()
    outputs = convolve2d(image, kernel, block.strides, block.dilation_rate, block.groups)
    outputs = batch_normalise(outputs, block.norm)
    return outputs if block.activation is None else np.maximum(outputs, 0)
