"""Prediction and evaluation of a trained model."""

import keras
import numpy as np

from kerashar.data.sample_set import SampleSet
from kerashar.training.input_cards import check_fits
from kerashar.training.metrics import Metrics


def evaluate(model: keras.Model, samples: SampleSet, batch_size: int = 256) -> Metrics:
    """Measure a classifier on labelled windows or images.

    Use it for the validation windows as often as you like, and for the test windows once, at the end.

    Args:
        model: takes windows in their physical units, or pixels, and gives logits.
        samples: with labels; their shape must be the model's.
        batch_size: samples in one step.

    Raises:
        ValueError: samples of another shape, rate, unit or channel order than the model's, or other classes.
    """
    check_fits(model, samples)
    return measured(predict_logits(model, samples.samples, batch_size), samples)


def measured(logits: np.ndarray, samples: SampleSet) -> Metrics:
    """The figures of logits `(n, classes)` of these samples; of each subject or group where there are any."""
    return Metrics.of(logits, samples.labels, samples.class_names, samples.groups)


def predict_logits(model: keras.Model, windows: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """Logits `(n, classes)` of windows `(n, time, channels)` or images `(n, height, width, channels)`.

    Every step has the same shape, the last one filled up, so that a compiled backend compiles once.

    Raises:
        ValueError: windows of another shape than the model takes, or windows that are not finite.
    """
    expected = tuple(model.input_shape[1:])
    fits = windows.ndim == len(expected) + 1 and all(
        want in (None, have) for want, have in zip(expected, windows.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(f"Expected windows (n, {', '.join(map(str, expected))}). Received: shape={windows.shape}.")
    if not np.isfinite(windows).all():
        raise ValueError("Expected finite windows. Received: NaN or infinity; drop or repair those windows first.")
    count = len(windows)
    if not count:
        return np.zeros((0, *model.output_shape[1:]), "float32")
    missing = -count % batch_size
    filled = np.concatenate([windows, np.zeros((missing, *windows.shape[1:]), windows.dtype)])
    return np.asarray(model.predict(filled, batch_size=batch_size, verbose=0))[:count]
