"""Filters that all channels share, along any axis."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from kerashar import backend


def filter_bank(signal: Any, filters: np.ndarray, strides: int = 1, dilation_rate: int = 1) -> Any:
    """Correlate each channel with each filter, where they overlap completely.

    Args:
        signal: tensor `(batch, time, channels)`.
        filters: `(filters, taps)`.
        strides: step between outputs, in samples.
        dilation_rate: distance between taps, in samples.

    Returns:
        Tensor `(batch, outputs, channels, filters)`.
    """
    channels = signal.shape[-1]
    kernel = np.tile(np.asarray(filters, "float32").T[:, None], (1, 1, channels))  # filters of a channel are neighbours
    outputs = backend.depthwise_conv1d(signal, ops.convert_to_tensor(kernel), (0, 0), strides, dilation_rate)
    return ops.reshape(outputs, (-1, outputs.shape[1], channels, len(filters)))


def along_axis(function: Callable[[Any], Any], inputs: Any, axis: int) -> Any:
    """Apply a function of `(batch, time, channels)` along one axis of a signal or an image.

    The function keeps the channels and may add axes behind them; so do the outputs.
    """
    if axis == 1 and len(inputs.shape) == 3:
        return function(inputs)
    moved = ops.moveaxis(inputs, axis, 1)  # (batch, axis, the others ...)
    others = moved.shape[2:]
    outputs = function(ops.reshape(moved, (-1, moved.shape[1], int(np.prod(others)))))
    outputs = ops.reshape(outputs, (-1, outputs.shape[1], *others, *outputs.shape[3:]))
    return ops.moveaxis(outputs, 1, axis)
