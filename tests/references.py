"""What layers compute, stated anew in NumPy and as slowly as the definitions read."""

import numpy as np


def convolve(signal, kernel, padding="same", strides=1, dilation=1):
    """Convolve `(batch, time, channels)` with `(taps, channels, filters)`, output by output."""
    taps, time = len(kernel), signal.shape[1]
    span = (taps - 1) * dilation + 1
    before = after = 0
    if padding == "causal":
        before = span - 1
    elif padding == "same":
        total = max((-(-time // strides) - 1) * strides + span - time, 0)
        before, after = total // 2, total - total // 2
    padded = np.pad(signal, ((0, 0), (before, after), (0, 0)))
    starts = range(0, padded.shape[1] - span + 1, strides)
    pieces = [padded[:, start : start + span : dilation] for start in starts]
    return np.stack([np.einsum("btc,tcf->bf", piece, kernel) for piece in pieces], axis=1)


def depthwise_as_dense(kernel, channels):
    """The kernel `(taps, channels, filters)` that does what a depthwise one `(taps, 1, filters)` does."""
    filters = kernel.shape[-1]
    owner = np.arange(filters) // (filters // channels)
    return kernel * (owner == np.arange(channels)[:, None])


def batch_normalise(signal, layer, epsilon=1e-5):
    """Batch normalisation at inference, by the weights of a Keras layer."""
    gamma, beta, mean, variance = (np.asarray(value) for value in layer.get_weights())
    return (signal - mean) / np.sqrt(variance + epsilon) * gamma + beta


def layer_normalise(signal, gamma=1.0, beta=0.0, epsilon=1e-6):
    """Layer normalisation over the last axis."""
    centred = signal - signal.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def sigmoid(values):
    return 1 / (1 + np.exp(-values))
