"""Mean over the past at each time step."""

from typing import Any

from keras import ops

_BLOCK = 256  # samples that are summed in a row; some backends lose digits in longer float32 sums


def running_mean(inputs: Any, memory: int | None = None) -> Any:
    """Mean of the samples so far at each time step, or of the last `memory` of them.

    Args:
        inputs: tensor `(batch, time, channels)`; time may be dynamic.
        memory: samples to look back, the present one counted; `None` for all so far.

    Returns:
        Tensor of the same shape and type. Sums are float32: after a thousand samples a float16 sum no longer grows.

    Example:
        >>> import numpy as np
        >>> signal = np.array([1, 3, 5, 7], "float32").reshape(1, 4, 1)
        >>> running_mean(signal)[0, :, 0].tolist(), running_mean(signal, memory=2)[0, :, 0].tolist()
        ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 4.0, 6.0])
    """
    signal = ops.cast(inputs, "float32")
    time = inputs.shape[1]
    counts = ops.arange(1, ops.shape(signal)[1] + 1, dtype="float32")
    if memory is not None and (time is None or time > memory):
        sums, counts = _sums_of_last(signal, memory), ops.minimum(counts, memory)
    elif time is not None and time <= _BLOCK:
        sums = ops.cumsum(signal, axis=1)
    else:
        sums = _sums_by_blocks(signal)
    return ops.cast(sums / counts[:, None], inputs.dtype)


def _sums_of_last(signal: Any, memory: int) -> Any:
    """Sums over the last `memory` samples, from sums over the last 1, 2, 4, ...: nothing large is subtracted."""
    total, covered, power = ops.zeros_like(signal), 0, 1
    while True:
        if memory & power:
            total = total + _delayed(signal, covered)
            covered += power
        if 2 * power > memory:
            return total
        signal = signal + _delayed(signal, power)  # sums over the last 2 * power samples
        power *= 2


def _delayed(signal: Any, steps: int) -> Any:
    return ops.pad(signal, ((0, 0), (steps, 0), (0, 0)))[:, : ops.shape(signal)[1]]


def _sums_by_blocks(signal: Any) -> Any:
    """Cumulative sums within blocks, to each of which the sum of the blocks before it is added."""
    batch, time, channels = ops.shape(signal)
    blocks = (time + _BLOCK - 1) // _BLOCK
    padded = ops.pad(signal, ((0, 0), (0, blocks * _BLOCK - time), (0, 0)))
    within = ops.cumsum(ops.reshape(padded, (batch, blocks, _BLOCK, channels)), axis=2)
    totals = within[:, :, -1:]
    sums = within + (ops.cumsum(totals, axis=1) - totals)
    return ops.reshape(sums, (batch, blocks * _BLOCK, channels))[:, :time]
