"""What all explanations share: which samples they take, and what their maps look like."""

from collections.abc import Sequence

import keras
import numpy as np

from kerashar.models.ensemble import Ensemble


def checked_samples(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Samples in float32 that the model takes.

    Raises:
        ValueError: a model with several inputs or of something else than signals or images, an ensemble, samples of
            another shape, none, or such that are not finite.
    """
    if isinstance(model, Ensemble):
        raise ValueError(f"Expected one model, such as one of .members. Received: an ensemble, {model.name!r}.")
    inputs = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or []]
    if len(inputs) != 1 or len(inputs[0]) not in (3, 4):
        raise ValueError(
            f"Expected a Functional model of windows or images alone. Received: {model.name!r}, inputs={inputs}."
        )
    samples = np.asarray(samples, "float32")
    expected = inputs[0][1:]
    fits = samples.ndim == len(expected) + 1 and all(
        want in (None, have) for want, have in zip(expected, samples.shape[1:], strict=True)
    )
    if not fits or not len(samples):
        raise ValueError(
            f"Expected samples (n, {', '.join(map(str, expected))}), at least one. Received: shape={samples.shape}."
        )
    if not np.isfinite(samples).all():
        raise ValueError("Expected finite samples. Received: NaN or infinity.")
    return samples


def finished(maps: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Maps `(n, *places)` resized linearly along each axis to `(n, *size)`, each with a largest value of 1."""
    for axis, length in enumerate(size, start=1):
        maps = np.moveaxis(np.moveaxis(maps, axis, -1) @ _interpolation(maps.shape[axis], length), -1, axis)
    largest = maps.max(axis=tuple(range(1, maps.ndim)), keepdims=True)
    return (maps / np.where(largest > 0, largest, 1)).astype("float32")


def _interpolation(places: int, length: int) -> np.ndarray:
    """The share `(places, length)` of each place in each sample; a value lies at the middle of what it stands for."""
    middles = (np.arange(length) + 0.5) * places / length - 0.5
    return np.stack([np.interp(middles, np.arange(places), row) for row in np.eye(places)])
