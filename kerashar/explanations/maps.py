"""What all explanations share: which models and samples they take, what is hidden by what, and what maps look like."""

from collections.abc import Sequence

import keras
import numpy as np

from kerashar.layers import RegressionHead
from kerashar.models.ensemble import Ensemble
from kerashar.models.ridge_model import RidgeModel


def checked_samples(model: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Samples in float32 that the model takes.

    Raises:
        ValueError: a model with several inputs or of something else than signals or images, samples of another shape,
            none, or such that are not finite.
    """
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


def check_one_model(model: keras.Model) -> None:
    """Refuse what can't be looked into: an ensemble, and a model that lets no gradient through."""
    if isinstance(model, Ensemble):
        raise ValueError(
            "Expected one model, such as one of .members; occlusion takes ensembles. "
            f"Received: an ensemble, {model.name!r}."
        )
    if isinstance(model, RidgeModel):
        raise ValueError(
            "Expected a model that is trained by gradients; occlusion takes others. "
            f"Received: {model.name!r}, whose features let none through."
        )


def check_class(model: keras.Model, class_index: int | None) -> None:
    """Refuse a model that doesn't give one number for each class, and a class that there isn't."""
    classes = model.outputs[0].shape[1:]
    if len(model.outputs) != 1 or len(classes) != 1:
        shapes = [tuple(tensor.shape) for tensor in model.outputs]
        raise ValueError(f"Expected a model that gives (batch, classes). Received: outputs={shapes}.")
    if class_index is not None and not 0 <= class_index < classes[0]:
        raise ValueError(f"Expected class_index from 0 to {classes[0] - 1}. Received: class_index={class_index}.")


def gives_numbers(model: keras.Model) -> bool:
    """Whether a model's outputs are numbers, not logits of classes."""
    return isinstance(getattr(model, "head", None), RegressionHead)


def predicted(model: keras.Model, samples: np.ndarray, batch_size: int) -> np.ndarray:
    """What the model gives, in float64; batches all have one shape, so that a compiled backend compiles once."""
    outputs = []
    for start in range(0, len(samples), batch_size):
        batch = samples[start : start + batch_size]
        outputs.append(np.asarray(model.predict_on_batch(filled_up(batch, batch_size)))[: len(batch)])
    return np.concatenate(outputs).astype("float64")


def filled_up(rows: np.ndarray, size: int) -> np.ndarray:
    """The rows and as many of zeros as are missing."""
    return np.concatenate([rows, np.zeros((size - len(rows), *rows.shape[1:]), rows.dtype)])


def chosen_classes(outputs: np.ndarray, class_index: int | None) -> np.ndarray:
    """For each sample the class that was asked for, or the likeliest."""
    return outputs.argmax(axis=1) if class_index is None else np.full(len(outputs), class_index)


def baselines(samples: np.ndarray, **given: np.ndarray | float | None) -> np.ndarray:
    """Samples that say nothing: by default with each sample's mean per channel everywhere.

    That is a sensor that keeps still, where 0 would be a fall, or an even area of the image's mean colour: on black,
    dark things would get nothing, and grey may itself be a thing, such as a lamp in a dark image. The value comes
    under its argument's name, for the error.
    """
    ((argument, value),) = given.items()
    if value is None:
        value = samples.mean(axis=tuple(range(1, samples.ndim - 1)), keepdims=True)
    value = np.asarray(value, "float32")
    wanted = (1,) * (samples.ndim - value.ndim) + value.shape
    if len(wanted) != samples.ndim or any(
        have not in (1, size) for have, size in zip(wanted, samples.shape, strict=True)
    ):
        raise ValueError(
            f"Expected {argument} as a sample {samples.shape[1:]}, one for each, or a value for each channel. "
            f"Received: {argument} of shape {value.shape}."
        )
    if not np.isfinite(value).all():
        raise ValueError(f"Expected finite values as {argument}. Received: NaN or infinity.")
    return np.broadcast_to(value, samples.shape)


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
