"""Windows and images to try an export on."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.export.portable import layers_of

_NOISE = 0.5  # beside waves of 1


def drawn_samples(model: keras.Model, count: int, time: int | None = None) -> np.ndarray:
    """Samples like those a model was trained on: images of noise in pixels, or windows of slow waves and noise.

    The windows have the mean and deviation of each channel that the model's normalisation was fitted with, where it
    has one of raw windows.

    Args:
        model: takes them.
        count: how many.
        time: samples of a window, for a model that takes any.

    Raises:
        ValueError: a model of several inputs, or of no fixed size.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(f"Expected a model of one input and one output. Received: {model.name!r}, which has more.")
    first, *others = model.input_shape[1:]
    shape: tuple[Any, ...] = (first or time, *others)
    if None in shape:
        raise ValueError(
            f"Expected a model that takes one size. Received: a model of inputs {shape}. Make it anew with the size of "
            "its windows, or export a causal one as a stream: --stream, or kerashar.export.export_stream."
        )
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(count, *shape))
    if len(shape) == 3:
        return np.clip(128 + 60 * noise, 0, 255).astype("float32")
    places = np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1))
    waves = np.sin(places * generator.uniform(0.05, 0.6, (count, 1, *shape[1:])))
    mean, deviation = _statistics(model, shape[-1])
    return (mean + deviation * (waves + _NOISE * noise)).astype("float32")


def _statistics(model: keras.Model, channels: int) -> tuple[Any, Any]:
    for layer in layers_of(model):
        if layer.name == "normalization" and tuple(layer.mean.shape) == (channels,):
            return ops.convert_to_numpy(layer.mean), ops.convert_to_numpy(layer.deviation)
    return 0.0, 1.0
