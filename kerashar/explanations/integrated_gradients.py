"""How much each value of a sample adds to a class."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar import backend
from kerashar.explanations.maps import (
    baselines,
    check_class,
    check_one_model,
    checked_samples,
    chosen_classes,
    filled_up,
    predicted,
)
from kerashar.layers.checks import check_sizes


def integrated_gradients(
    model: keras.Model,
    samples: np.ndarray,
    class_index: int | None = None,
    baseline: np.ndarray | float | None = None,
    steps: int = 64,
    batch_size: int = 64,
) -> np.ndarray:
    """Share out a class's logit among the moments and channels of a window, or the pixels of an image.

    Use it to see which sensor decides, and when, as finely as the sample is. What all values get adds up to what the
    logit gains from the baseline to the sample; a value that equals its baseline gets 0, and what speaks against the
    class is below 0. Values beside each other often differ much: sum over stretches or channels before reading much
    into one.

    Args:
        model: any of the registered models that is trained by gradients, or another Functional one; what it gives is
            `(batch, classes)`. With a `RegressionHead` the number is shared out.
        samples: windows `(n, time, channels)` or images `(n, height, width, channels)` as the model takes them.
        class_index: which class. Defaults to None: for each sample the one that the model predicts.
        baseline: a sample that says nothing, one for each, or a value for each channel, in the model's units.
            Defaults to None: each sample's mean per channel, which is a sensor that keeps still as it lies, or an
            image's mean colour. What the mean itself says, such as a posture, is then left out.
        steps: points of the path from baseline to sample. Defaults to 64, with which the sum is off by no more
            than about a hundredth of the largest gain on small convolutional and attention models; recurrent ones
            need more.
        batch_size: points at a time. Defaults to 64.

    Returns:
        float32 like the samples.

    Raises:
        ValueError: samples of another shape or not finite, a class that there isn't, a baseline of another shape, an
            ensemble, or a model that is fitted in closed form.

    Example:
        >>> from kerashar.models import create_model
        >>> model = create_model("modern_tcn", (64, 3), 6, hidden=8, blocks=1)
        >>> integrated_gradients(model, np.random.default_rng(0).normal(size=(2, 64, 3))).shape
        (2, 64, 3)

    Reference:
        Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017. There the baseline of images is
        black, on which dark things get nothing.
    """
    check_one_model(model)
    samples = checked_samples(model, samples)
    check_class(model, class_index)
    check_sizes(steps=steps, batch_size=batch_size)
    start = baselines(samples, baseline=baseline)
    logits = predicted(model, samples, batch_size)
    targets = np.eye(logits.shape[1], dtype="float32")[chosen_classes(logits, class_index)]
    # Networks have kinks: the middles of equal steps come nearer than the points of Gauss and Legendre.
    along = (np.arange(steps, dtype="float32") + 0.5) / steps

    def score(points: Any, wanted: Any) -> tuple[Any, Any]:
        number = ops.sum(ops.cast(model(points, training=False), "float32") * wanted)
        return number, number

    gradient = backend.gradient_function(score)
    path = samples - start
    means = np.zeros(samples.shape)
    sample, step = (axis.ravel() for axis in np.indices((len(samples), steps)))
    for at in range(0, len(sample), batch_size):
        of, on = sample[at : at + batch_size], step[at : at + batch_size]
        points = start[of] + along[on].reshape(-1, *[1] * (samples.ndim - 1)) * path[of]
        # All batches have one shape: JAX compiles once.
        found = gradient(filled_up(points, batch_size), filled_up(targets[of], batch_size))[0][: len(of)]
        np.add.at(means, of, found / steps)
    return (path * means).astype("float32")
